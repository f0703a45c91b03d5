// `npm run cluster -- --demo` as a person runs it: it prints where everything is, the farm mines, and Ctrl-C leaves nothing behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { askGraphql } from './harness/ask.ts';
import { waitFor } from './harness/wait-for.ts';

const MAIN = fileURLToPath(new URL('../../infra/dist/cluster/main.js', import.meta.url));
const START_TIMEOUT_MS = 120_000;
const SHARES_TIMEOUT_MS = 60_000;

interface Fleet {
  fleet: { online: number; shares: { accepted: number } | null };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('brings a mining cluster up and takes it down', { timeout: 300_000 }, async () => {
  const child = spawn(process.execPath, [MAIN, '--demo', '--free-ports'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  try {
    await waitFor('the addresses', START_TIMEOUT_MS, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output}`);
      return output.includes('Ctrl-C takes it all down');
    });
    const url = /Dashboard +(http:\S+)\//.exec(output)![1]!;
    const dir = /Data and logs +(\S+)/.exec(output)![1]!;
    const pids = [...output.matchAll(/ pid (\d+)/g)].map(([, pid]) => Number(pid));
    // Kafka, Redis, ClickHouse, and two gateways, validators and aggregators with one GraphQL gateway and one
    // alerter.
    expect(pids).toHaveLength(11);
    expect(pids.every(isAlive)).toBe(true);
    expect(await (await fetch(url)).text()).toContain('<!doctype html>');
    await waitFor('the farm to show', SHARES_TIMEOUT_MS, async () => {
      const { fleet } = await askGraphql<Fleet>(url, '{ fleet { online shares { accepted } } }');
      return fleet.online >= 50 && (fleet.shares?.accepted ?? 0) > 100;
    });

    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect([code, output.slice(output.indexOf('Stopping'))]).toEqual([0, expect.stringContaining('Stopped.')]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  } finally {
    child.kill('SIGTERM');
  }
});
