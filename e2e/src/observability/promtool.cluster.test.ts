// Prometheus' own tool says whether the rules parse, and whether they fire when they should (Debian: the package `prometheus`).
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { PoolProcess } from '../harness/pool-process.ts';
import { promQl, queries } from './dashboards.ts';
import { allRules, ROOT, ruleFiles, RULES_DIR } from './known-metrics.ts';

const run = promisify(execFile);
const promtool = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await run('promtool', args, { cwd: ROOT }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`promtool ${args.join(' ')}: ${error.message}\n${error.stdout}\n${error.stderr}`);
    },
  );
  return stdout + stderr;
};

describe('promtool', () => {
  it('finds nothing wrong with the rules and the scrape configuration', async () => {
    const files = ruleFiles().map((name) => RULES_DIR + name);
    expect(await promtool('check', 'rules', ...files)).not.toMatch(/FAILED|error/i);
    await promtool('check', 'config', '--syntax-only', 'infra/prometheus/prometheus.yml');
  });

  it('finds that every alert fires when it should, and that no other does', async () => {
    const dir = `${ROOT}infra/prometheus/tests/`;
    const tests = (await readdir(dir)).map((name) => dir + name);
    expect(tests).toHaveLength(ruleFiles().length);
    await promtool('test', 'rules', ...tests);
    const text = (await Promise.all(tests.map((file) => readFile(file, 'utf8')))).join('\n');
    const untested = allRules().filter(({ alert }) => alert !== undefined && !text.includes(`"${alert}"`));
    expect(untested.map(({ alert }) => alert)).toEqual([]);
  });

  it('understands every expression of the runbooks and of the dashboards', async () => {
    const runbooks = `${ROOT}docs/runbooks/`;
    const expressions: string[] = [];
    for (const name of await readdir(runbooks)) {
      for (const [, text] of (await readFile(runbooks + name, 'utf8')).matchAll(/```promql\n([\s\S]+?)```/g))
        expressions.push(...text!.trim().split('\n'));
    }
    expressions.push(...queries('expr').map(([, expr]) => promQl(expr)));
    expect(expressions.length).toBeGreaterThan(60);
    await parseAll(expressions);
  });
});

describe('the page of the whole pool', () => {
  it('is read by Prometheus without a complaint about any metric of ours', async () => {
    const pool = await PoolProcess.launch();
    try {
      const page = await (await fetch(`${pool.url}/metrics`)).text();
      const { code, output } = await checkMetrics(page);
      // 3: it could be read, and something in it could be named better. Those are prom-client's own.
      expect([0, 3], output).toContain(code);
      const complaints = output.split('\n').filter((line) => line !== '' && !line.startsWith('nodejs_'));
      expect(complaints).toEqual([]);
    } finally {
      await pool.dispose();
    }
  });
});

async function checkMetrics(page: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(page);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** As rules that record each, since promtool has no other way to parse an expression alone. */
async function parseAll(expressions: readonly string[]): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'assay-promql-'));
  try {
    const file = join(dir, 'expressions.yml');
    const rules = expressions.map((expr, i) => ({ record: `expression:number${i}`, expr }));
    await writeFile(file, stringify({ groups: [{ name: 'expressions', rules }] }));
    await promtool('check', 'rules', file);
  } finally {
    await rm(dir, { recursive: true });
  }
}
