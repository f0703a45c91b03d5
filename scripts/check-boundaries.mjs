// The fixture that must fail: imports and calls the lint rules forbid. If a rule ever goes silently empty, this check does not.
import { ESLint } from 'eslint';
import { root } from './workspace.mjs';

const MUST_FAIL = [
  [
    'a service importing a service',
    'services/validator/src/index.ts',
    "import { startAggregator } from '@assay/aggregator';\nexport { startAggregator };\n",
    '@nx/enforce-module-boundaries',
  ],
  [
    'a domain library importing an adapter',
    'libs/mining/src/index.ts',
    "import { openLmdbEventLog } from '@assay/adapter-lmdb';\nexport { openLmdbEventLog };\n",
    '@nx/enforce-module-boundaries',
  ],
  [
    'the kernel importing the domain',
    'libs/kernel/src/index.ts',
    "import { ALGORITHMS } from '@assay/mining';\nexport { ALGORITHMS };\n",
    '@nx/enforce-module-boundaries',
  ],
  [
    'a port importing a service',
    'libs/event-log/src/index.ts',
    "import { startValidator } from '@assay/validator';\nexport { startValidator };\n",
    '@nx/enforce-module-boundaries',
  ],
  [
    'the domain opening a socket',
    'libs/stratum/src/index.ts',
    "import { createServer } from 'node:net';\nexport { createServer };\n",
    'no-restricted-imports',
  ],
  [
    'the domain reading the clock',
    'libs/rollup/src/index.ts',
    'export const now = Date.now();\n',
    'no-restricted-properties',
  ],
  [
    'the domain reading the environment',
    'libs/tenancy/src/index.ts',
    "export const host = process.env['ASSAY_HOST'];\n",
    'no-restricted-globals',
  ],
];

const eslint = new ESLint({ cwd: root });
let silent = 0;
for (const [what, filePath, text, rule] of MUST_FAIL) {
  const [result] = await eslint.lintText(text, { filePath });
  if (result?.messages.some((message) => message.ruleId === rule)) continue;
  silent++;
  process.stderr.write(`${what} was not refused by ${rule}: ${JSON.stringify(result?.messages)}\n`);
}
process.exit(silent > 0 ? 1 : 0);
