import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runService, type Host, type ServiceDefinition } from './run-service.ts';
import { readyReport, type ReadyReport } from './running-service.ts';
import { runTask } from './run-task.ts';
import { defineSettings, setting } from './settings.ts';

const table = defineSettings({ word: setting('ASSAY_TEST_WORD', z.string(), 'yes', 'A word.') });

/** A process that only remembers how it was to end. */
function testHost(env: NodeJS.ProcessEnv = {}) {
  let signal: () => void = () => undefined;
  let uncaught: (error: unknown) => void = () => undefined;
  let exited: (code: number) => void = () => undefined;
  const said: string[] = [];
  const exit = new Promise<number>((resolve) => (exited = resolve));
  const host: Host = {
    env: { ASSAY_OPS_PORT: '0', ASSAY_LOG_LEVEL: 'silent', ...env },
    onSignal: (listener) => (signal = listener),
    onUncaught: (listener) => (uncaught = listener),
    say: (text) => void said.push(text),
    exit: (code) => exited(code),
  };
  return { host, said, exit, signal: () => signal(), uncaught: (error: unknown) => uncaught(error) };
}

const OK = { ready: async () => readyReport({ work: 'ok' }) };

function definition(compose: ServiceDefinition['compose'], opsPort = false): ServiceDefinition {
  return { name: 'test', tables: [table], opsPort, compose };
}

describe('a service as a process', () => {
  it('ends with a sentence on a setting it does not know or cannot use, and opens nothing', async () => {
    for (const env of [{ ASSAY_TSET_WORD: 'x' }, { ASSAY_DRAIN_SECONDS: 'long' }]) {
      const { host, said, exit } = testHost(env);
      runService(
        definition(async () => expect.unreachable('composed')),
        host,
      );
      expect(await exit).toBe(1);
      expect(said.join('')).toMatch(/^assay test: .*(ASSAY_TSET_WORD|ASSAY_DRAIN_SECONDS)/);
      expect(said.join('')).not.toContain('    at ');
    }
  });

  it('takes every setting of the cluster, whether it uses it or not', async () => {
    const { host, exit, signal } = testHost({ ASSAY_REDIS_URL_FILE: '/run/secrets/redis', ASSAY_KAFKA_BROKERS: 'a:1' });
    runService(
      definition(async () => OK),
      host,
    );
    signal();
    expect(await exit).toBe(0);
  });

  it('waits for what is not there yet, says so, and goes on by itself', async () => {
    const { host, exit, signal } = testHost();
    let there = false;
    let readiness!: () => Promise<ReadyReport>;
    let composed!: () => void;
    const started = new Promise<void>((resolve) => (composed = resolve));
    runService(
      definition(async (process) => {
        readiness = process.readiness;
        await process.untilThere('Kafka', async () => {
          if (!there) throw new Error('nobody answers');
        });
        composed();
        return OK;
      }),
      host,
    );
    await expect
      .poll(() => readiness())
      .toEqual({
        ready: false,
        checks: { process: 'the service is starting', Kafka: 'nobody answers' },
      });
    there = true;
    await started;
    await expect.poll(() => readiness()).toEqual({ ready: true, checks: { work: 'ok' } });
    signal();
    expect(await readiness()).toMatchObject({ ready: false });
    expect(await exit).toBe(0);
  });

  it('stops while it waits', async () => {
    const { host, exit, signal } = testHost();
    const stopped: string[] = [];
    runService(
      definition(async ({ lifecycle, untilThere }) => {
        await lifecycle.start(
          'store',
          async () => undefined,
          async () => void stopped.push('store'),
        );
        return untilThere('Kafka', () => Promise.reject(new Error('nobody answers')));
      }),
      host,
    );
    signal();
    expect(await exit).toBe(0);
    expect(stopped).toEqual(['store']);
  });

  it('ends with 1 when a part does not stop within the drain time', async () => {
    const { host, exit, signal } = testHost({ ASSAY_DRAIN_SECONDS: '1' });
    runService(
      definition(async ({ lifecycle }) => {
        await lifecycle.start(
          'stuck',
          async () => undefined,
          () => new Promise<void>(() => undefined),
        );
        expect(lifecycle.running).toEqual(['stuck']);
        return OK;
      }),
      host,
    );
    signal();
    expect(await exit).toBe(1);
  });

  it('ends with 1 on a failed start and on an error nobody caught', async () => {
    const failing = testHost();
    runService(
      definition(async () => Promise.reject(Object.assign(new Error('port 1 is taken'), { code: 'EADDRINUSE' }))),
      failing.host,
    );
    expect(await failing.exit).toBe(1);
    expect(failing.said).toEqual(['assay test: port 1 is taken\n']);

    const crashing = testHost();
    runService(
      definition(async () => OK),
      crashing.host,
    );
    crashing.uncaught(new Error('a bug'));
    expect(await crashing.exit).toBe(1);
  });
});

describe('a task as a process', () => {
  const retriable = Object.assign(new Error('nobody answers'), { retriable: true });

  it('waits for what can come, within its time', async () => {
    const { host, exit } = testHost();
    let tries = 0;
    runTask(
      {
        name: 'test',
        tables: [table],
        run: ({ waits }) =>
          waits(AbortSignal.timeout(10_000)).untilThere('Kafka', async () => {
            if (++tries < 3) throw retriable;
          }),
      },
      host,
    );
    expect(await exit).toBe(0);
    expect(tries).toBe(3);
  });

  it('gives up with the reason when the time is over, and at once when waiting cannot help', async () => {
    for (const [error, text] of [
      [retriable, 'assay test: gave up waiting for Kafka: nobody answers\n'],
      [Object.assign(new Error('wrong password'), { code: 'denied' }), 'assay test: wrong password\n'],
    ] as const) {
      const { host, exit, said } = testHost();
      const run = ({ waits }: Parameters<Parameters<typeof runTask>[0]['run']>[0]): Promise<void> =>
        waits(AbortSignal.timeout(300)).untilThere('Kafka', () => Promise.reject(error));
      runTask({ name: 'test', tables: [table], run }, host);
      expect(await exit).toBe(1);
      expect(said).toEqual([text]);
    }
  });
});
