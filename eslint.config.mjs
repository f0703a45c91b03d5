// Lint rules. The module boundaries are the ones that matter most: arrows run service -> adapter/platform -> port -> domain -> kernel.
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const only = (sourceTag, ...types) => ({
  sourceTag: `type:${sourceTag}`,
  onlyDependOnLibsWithTags: types.map((type) => `type:${type}`),
});

const boundaries = [
  only('kernel', 'kernel'),
  only('domain', 'domain', 'kernel'),
  only('port', 'port', 'domain', 'kernel'),
  only('platform', 'port', 'domain', 'kernel'),
  only('adapter', 'port', 'domain', 'kernel'),
  only('service', 'adapter', 'platform', 'port', 'domain', 'kernel'),
  only('host', 'service', 'tool', 'adapter', 'platform', 'port', 'domain', 'kernel'),
  only('tool', 'tool', 'host', 'service', 'adapter', 'platform', 'port', 'domain', 'kernel'),
];

const DOMAIN = ['kernel', 'mining', 'stratum', 'pow', 'share-block', 'rollup', 'detection', 'tenancy', 'alerting'].map(
  (lib) => `libs/${lib}/src/**/*.ts`,
);
const WORLD = [
  'net',
  'tls',
  'http',
  'https',
  'http2',
  'dgram',
  'dns',
  'child_process',
  'worker_threads',
  'cluster',
  'timers',
  'timers/promises',
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/build/**', '**/node_modules/**', '.nx/**', '**/assembly/**', 'data/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.ts'] }, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { allow: [], depConstraints: boundaries, enforceBuildableLibDependency: false },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false, arguments: false } },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  {
    // Tests of what stands on a port run on its simplest adapter.
    files: ['libs/control-log/src/**/*.test.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          depConstraints: [only('platform', 'adapter', 'port', 'domain', 'kernel')],
          enforceBuildableLibDependency: false,
        },
      ],
    },
  },
  {
    // The domain is pure: no sockets, no processes, no clock, no environment, no framework.
    files: DOMAIN,
    ignores: ['**/*.test.ts', '**/*.prop.test.ts', '**/*.bench.ts', 'libs/kernel/src/clock.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: WORLD.flatMap((name) => [name, `node:${name}`]),
          patterns: ['@nestjs/*', 'kafkajs', 'ioredis', '@clickhouse/*', 'lmdb', 'chdb', 'pino', 'prom-client'],
        },
      ],
      'no-restricted-globals': [
        'error',
        'process',
        'performance',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'fetch',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
    },
  },
  { files: ['**/*.mjs'], rules: { '@typescript-eslint/no-unused-vars': 'error' } },
  prettier,
);
