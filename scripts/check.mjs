// npm run check: format, lint (with the module boundaries), types, dead code. Ends with one line that counts the checks.
import { spawnSync } from 'node:child_process';
import { bin, ensureBuilt, ensureInstalled, root, say } from './workspace.mjs';

ensureInstalled();
ensureBuilt();

const checks = [
  ['format', bin('prettier'), ['--check', '--log-level=warn', '.']],
  ['boundaries hold a forbidden import', process.execPath, ['scripts/check-boundaries.mjs']],
  ['lint', bin('eslint'), ['.', '--max-warnings=0']],
  ['dashboard types', bin('tsc'), ['-p', 'services/dashboard/tsconfig.json', '--noEmit']],
  ['dead code', bin('knip'), ['--no-config-hints']],
];

const failed = [];
for (const [name, command, args] of checks) {
  say(`checking: ${name} ...`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) say(`failed: ${failed.join(', ')}`);
process.stdout.write(`\n${checks.length - failed.length} passed, ${failed.length} failed\n`);
process.exit(failed.length > 0 ? 1 : 0);
