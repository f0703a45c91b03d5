import { describe, expect, it } from 'vitest';
import { Lifecycle } from './lifecycle.ts';
import { silentLogger } from './logger.ts';

function recorder() {
  const trace: string[] = [];
  const lifecycle = new Lifecycle(silentLogger);
  const start = (name: string, fail?: 'start' | 'stop') =>
    lifecycle.start(
      name,
      async () => {
        if (fail === 'start') throw new Error(`${name} cannot start`);
        trace.push(`+${name}`);
        return name;
      },
      async () => {
        trace.push(`-${name}`);
        if (fail === 'stop') throw new Error(`${name} cannot stop`);
      },
    );
  return { trace, lifecycle, start };
}

describe('lifecycle', () => {
  it('stops in reverse order, once', async () => {
    const { trace, lifecycle, start } = recorder();
    await start('log');
    await start('gateway');
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(trace).toEqual(['+log', '+gateway', '-gateway', '-log']);
  });

  it('rolls back what was started when a part fails', async () => {
    const { trace, start } = recorder();
    await start('log');
    await expect(start('gateway', 'start')).rejects.toThrow('gateway cannot start');
    expect(trace).toEqual(['+log', '-log']);
  });

  it('goes on stopping when one part cannot', async () => {
    const { trace, lifecycle, start } = recorder();
    await start('log');
    await start('gateway', 'stop');
    await lifecycle.stop();
    expect(trace).toEqual(['+log', '+gateway', '-gateway', '-log']);
  });
});
