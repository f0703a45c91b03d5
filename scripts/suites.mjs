// Runs vitest suites one after another and ends the process with one line that counts all their tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, root, say } from './workspace.mjs';

/**
 * @param suites name and vitest configuration of each
 * @param args passed on to vitest, e.g. a file to run alone
 */
export function runSuites(suites, args = []) {
  const reports = mkdtempSync(join(tmpdir(), 'assay-test-'));
  const total = { passed: 0, failed: 0, skipped: 0 };
  let broken = false;

  for (const [suite, config] of suites) {
    const report = join(reports, `${suite}.json`);
    say(`running the ${suite} suite ...`);
    const { status } = spawnSync(
      bin('vitest'),
      ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
      { cwd: root, stdio: 'inherit' },
    );
    if (status !== 0) broken = true;
    try {
      const counted = JSON.parse(readFileSync(report, 'utf8'));
      total.passed += counted.numPassedTests;
      total.failed += counted.numFailedTests;
      total.skipped += counted.numPendingTests + counted.numTodoTests;
      // A file that cannot even be loaded fails no test; it must not pass unseen.
      const unloaded = counted.testResults.filter(
        (file) => file.status === 'failed' && file.assertionResults.length === 0,
      ).length;
      total.failed += unloaded;
    } catch (error) {
      say(`the ${suite} suite left no report: ${error.message}`);
      total.failed += 1;
    }
  }
  rmSync(reports, { recursive: true, force: true });
  if (broken && total.failed === 0) total.failed = 1;
  process.stdout.write(
    `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}\n`,
  );
  process.exit(total.failed > 0 ? 1 : 0);
}
