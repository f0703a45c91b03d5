// What the gateways of a cluster say of their spools, and what they take of the machine, looked at once a second.
import { readFileSync } from 'node:fs';
import type { ServiceServer } from '@assay/infra';

const LOOK_MS = 1000;
const PREFIX = 'assay_stratum_gateway_';

/** Over all gateways that answer. */
export interface SpoolState {
  /** Gateways that say the log is away. */
  readonly away: number;
  readonly records: number;
  readonly bytes: number;
}

interface Metrics {
  readonly value: (name: string) => number;
  readonly buckets: readonly (readonly [number, number])[];
}

export class GatewayWatch {
  readonly #gateways: readonly ServiceServer[];
  readonly #timer: NodeJS.Timeout;
  peakBytes = 0;
  peakRecords = 0;
  peakRssBytes = 0;

  constructor(gateways: readonly ServiceServer[]) {
    this.#gateways = gateways;
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  async look(): Promise<SpoolState> {
    const all = await this.#all();
    const sum = (name: string): number => all.reduce((total, { value }) => total + value(name), 0);
    const state = { away: sum('log_away'), records: sum('spool_records'), bytes: sum('spool_bytes') };
    this.peakBytes = Math.max(this.peakBytes, state.bytes);
    this.peakRecords = Math.max(this.peakRecords, state.records);
    for (const { process } of this.#gateways) {
      if (process.pid !== undefined) this.peakRssBytes = Math.max(this.peakRssBytes, rssBytes(process.pid));
    }
    return state;
  }

  /** Acknowledgements by bucket of latency (its upper bound, seconds; their number), since each gateway started. */
  async latencies(): Promise<Map<number, number>> {
    const total = new Map<number, number>();
    for (const { buckets } of await this.#all())
      for (const [bound, count] of buckets) total.set(bound, (total.get(bound) ?? 0) + count);
    return total;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #all(): Promise<Metrics[]> {
    const texts = this.#gateways.map(async ({ opsUrl }) => {
      const answer = await fetch(`${opsUrl}/metrics`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
      return answer?.text().catch(() => undefined);
    });
    return (await Promise.all(texts)).flatMap((text) => (text === undefined ? [] : [parse(text)]));
  }
}

function parse(text: string): Metrics {
  const lines = text.split('\n').filter((line) => line.startsWith(PREFIX));
  return {
    value: (name) =>
      Number(
        lines
          .find((line) => line.startsWith(`${PREFIX}${name} `))
          ?.split(' ')
          .at(-1) ?? 0,
      ),
    buckets: lines.flatMap((line) => {
      const [, bound, count] = /^\w+_acknowledgement_seconds_bucket\{le="([^"]+)"\} (\d+)$/.exec(line) ?? [];
      return bound === undefined ? [] : [[bound === '+Inf' ? Infinity : Number(bound), Number(count)] as const];
    }),
  };
}

function rssBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    // It was killed just now.
    return 0;
  }
}

/** The upper bound of the bucket in which the quantile of what came after `before` lies, seconds; undefined when nothing came. */
export function quantileBound(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
  quantile: number,
): number | undefined {
  const counts = [...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const);
  const total = counts.find(([bound]) => bound === Infinity)?.[1] ?? 0;
  if (total <= 0) return undefined;
  return counts.toSorted(([a], [b]) => a - b).find(([, count]) => count >= quantile * total)?.[0];
}
