// Starting and stopping as a person does: the start script, Ctrl-C from a terminal, and settings that cannot work.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { freePorts } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../../services/standalone/dist/main.js', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

const runs: Run[] = [];
const dataDir = mkdtempSync(join(tmpdir(), 'assay-start-'));

function run(script: string, settings: Record<string, string>): Run {
  return runCommand([process.execPath, script], settings);
}

function runCommand([command, ...args]: [string, ...string[]], settings: Record<string, string>): Run {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ASSAY_')));
  // A process group of its own, as a terminal gives a command.
  const child = spawn(command, args, {
    env: { ...inherited, ASSAY_DATA_DIR: dataDir, ...settings },
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const started = { child, output: () => text, ended: once(child, 'close').then(([code]) => code as number | null) };
  runs.push(started);
  return started;
}

async function settingsWithFreePorts(): Promise<Record<string, string>> {
  const [stratum, http, clickHouse] = await freePorts(3);
  return {
    ASSAY_STRATUM_PORT: String(stratum),
    ASSAY_HTTP_PORT: String(http),
    ASSAY_CLICKHOUSE_PORT: String(clickHouse),
  };
}

/** Processes whose command or environment names the data directory: what a stop may not leave behind. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`ASSAY_DATA_DIR=${directory}`);
    } catch {
      return false;
    }
  });
}

afterEach(async () => {
  for (const { child, ended } of runs.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await ended;
  }
  rmSync(dataDir, { recursive: true, force: true });
});

describe('starting and stopping', () => {
  it('says where to point miners and where to look, and stops cleanly on Ctrl-C with nothing left behind', async () => {
    const settings = await settingsWithFreePorts();
    const { child, output, ended } = run(START, settings);
    await waitFor('the welcome', 120_000, () => {
      if (child.exitCode !== null) throw new Error(output());
      return output().includes('Ctrl-C stops it');
    });
    expect(output()).toContain(`stratum+tcp://127.0.0.1:${settings['ASSAY_STRATUM_PORT']}`);
    expect(output()).toContain(`http://127.0.0.1:${settings['ASSAY_HTTP_PORT']}/`);
    process.kill(-child.pid!, 'SIGINT');
    expect(await ended).toBe(0);
    expect(output()).toContain('Stopped.');
    expect(output()).not.toContain('could not be stopped');
    await waitFor('every process to be gone', 10_000, () => processesOf(dataDir).length === 0);
  });

  it('stops with npm, also when npm alone is told to', async () => {
    const { child, output, ended } = runCommand(['npm', 'start'], await settingsWithFreePorts());
    await waitFor('the welcome', 120_000, () => {
      if (child.exitCode !== null) throw new Error(output());
      return output().includes('Ctrl-C stops it');
    });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(output()).toContain('Stopped.');
    await waitFor('every process to be gone', 10_000, () => processesOf(dataDir).length === 0);
  });

  it('stops cleanly when told to in the middle of its start', async () => {
    for (const directory of ['log', 'clickhouse', 'clickhouse/store']) {
      rmSync(dataDir, { recursive: true, force: true });
      const { child, output, ended } = run(MAIN, await settingsWithFreePorts());
      await waitFor('the start to be under way', 60_000, () => existsSync(join(dataDir, directory)));
      process.kill(-child.pid!, 'SIGINT');
      expect(await ended, output()).toBe(0);
      expect(output()).toContain('Stopped.');
      expect(output()).not.toContain('Assay stopped:');
      await waitFor('every process to be gone', 10_000, () => processesOf(dataDir).length === 0);
    }
  });

  it.each([
    [{ ASSAY_STRATUM_PORT: '99999' }, 'ASSAY_STRATUM_PORT="99999" cannot be used'],
    [{ ASSAY_STRATM_PORT: '3333' }, 'Unknown setting ASSAY_STRATM_PORT'],
    [{ ASSAY_ALGORITHM: 'x11' }, 'ASSAY_ALGORITHM="x11" cannot be used'],
    [{ ASSAY_HTTP_PORT: ' ' }, 'ASSAY_HTTP_PORT=" " cannot be used'],
    [{ ASSAY_CLICKHOUSE_USER: 'assay' }, 'ASSAY_CLICKHOUSE_USER="assay" cannot be used'],
    [
      { ASSAY_MIN_DIFFICULTY: '10', ASSAY_MAX_DIFFICULTY: '1', ASSAY_CLICKHOUSE_PORT: '0' },
      'ASSAY_MIN_DIFFICULTY=10 is above ASSAY_MAX_DIFFICULTY=1',
    ],
    [
      { ASSAY_HOST: 'no.such.host.invalid', ASSAY_CLICKHOUSE_PASSWORD: 'x' },
      'ASSAY_HOST names no address of this machine',
    ],
    [{ ASSAY_DATA_DIR: '/dev/null' }, 'the data directory (ASSAY_DATA_DIR) cannot be used'],
  ])('refuses %o with a sentence that names it', async (settings, sentence) => {
    const { output, ended } = run(MAIN, settings);
    expect(await ended).toBe(1);
    expect(output()).toContain(sentence);
    expect(output().trim().split('\n')).toHaveLength(1);
  });

  it('names the port that is taken', async () => {
    const settings = await settingsWithFreePorts();
    const taken = settings['ASSAY_HTTP_PORT']!;
    const { output, ended } = run(MAIN, { ...settings, ASSAY_STRATUM_PORT: taken });
    expect(await ended).toBe(1);
    expect(output()).toContain(taken);
  });
});
