// Checks of what is under k8s/ and infra/: they need Go, Python and Maven, and fetch tools and schemas once. npm run k8s:check.
import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: ['{infra,e2e}/src/**/*.k8s.test.ts'],
      exclude: ['**/node_modules/**', '**/dist/**'],
      fileParallelism: false,
      testTimeout: 120_000,
      hookTimeout: 1_800_000,
    },
  }),
);
