// What happened to the sample fleet, made up like the fleet itself: newest first, mostly to the machines that fail.
import { Random } from '@assay/kernel';
import type { SampleEvent } from './sample-answers.ts';
import type { SampleWorker } from './sample-fleet.ts';

export function sampleEvents(fleet: readonly SampleWorker[]): SampleEvent[] {
  const random = new Random(11);
  const events: SampleEvent[] = [];
  let at = Date.now() - 40_000;
  const troubled = fleet.filter((worker) => worker.kind !== 'healthy');
  for (let i = 0; i < 400 && fleet.length > 0; i++) {
    const worker = random.pick(troubled.length > 0 && random.chance(0.7) ? troubled : fleet);
    const type =
      worker.kind === 'stale-prone'
        ? 'REJECT_BURST'
        : i % 97 === 96
          ? 'GATEWAY_STARTED'
          : random.pick(['CONNECTED', 'DISCONNECTED']);
    const pool = type === 'GATEWAY_STARTED';
    events.push({
      id: `e${400 - i}`,
      at: new Date(at).toISOString(),
      type,
      tenant: pool ? null : worker.tenant,
      worker: pool ? null : worker.name,
      gateway: `gateway-${1 + random.below(3)}`,
      detail:
        type === 'REJECT_BURST'
          ? `${8 + random.below(20)} of ${30 + random.below(20)} shares rejected: ${worker.rejectReason}`
          : type === 'DISCONNECTED'
            ? random.pick(['closed by the miner', 'idle for 10 minutes', 'connection reset'])
            : type === 'CONNECTED'
              ? `from 10.${random.below(8)}.${random.below(255)}.${random.below(255)}, ${worker.userAgent}`
              : 'started; earlier connections are gone',
    });
    at -= random.exponential(240_000);
  }
  return events;
}
