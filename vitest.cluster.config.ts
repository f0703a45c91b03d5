// Tests that need real servers (Kafka, Redis): one broker and one Redis are started once for all of them, one file at a time so that
// files that start servers of their own do not starve each other.
import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: ['{libs,services}/*/src/**/*.cluster.test.ts', '{infra,e2e}/src/**/*.cluster.test.ts'],
      exclude: ['**/node_modules/**', '**/dist/**'],
      globalSetup: ['infra/src/testing/global-setup.ts'],
      fileParallelism: false,
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
