// One runner for every package. Tests resolve workspace packages to their sources (the '@assay/source' condition),
// so a unit test never runs against a stale build.
import { configDefaults, defineConfig } from 'vitest/config';

// Not 'import', 'module' nor 'default': the runner would pass them on to Node, which then loads some CommonJS packages' ES builds into
// require(), and those of @opentelemetry/api are for bundlers alone.
const conditions = ['@assay/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{libs,services}/*/src/**/*.test.{ts,tsx}'],
    // These need Java, Redis and more: npm run test:cluster.
    exclude: [...configDefaults.exclude, '**/*.cluster.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
