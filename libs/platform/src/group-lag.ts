// How many records a consumer group has still to take, over all partitions of its topics, whoever holds them. Every member shows the same
// number, so a query takes the maximum, never the sum. Asking may cost the log a round trip: it is asked at most every ten seconds, and
// a log that does not answer holds up no scrape; a number older than a minute is not shown.
import type { EventLog } from '@assay/event-log';
import { Gauge, type Registry } from 'prom-client';
import { withinPatience } from './within-patience.ts';

const FRESH_MS = 10_000;
const STALE_MS = 60_000;

interface TopicState {
  readonly lag: number;
  readonly partitions: number;
}

export function registerGroupLag(
  registry: Registry,
  prefix: string,
  log: Pick<EventLog, 'lag' | 'partitions'>,
  group: string,
  topics: readonly string[],
  nowMs: () => number = () => performance.now(),
): void {
  let known: { readonly atMs: number; readonly states: ReadonlyMap<string, TopicState> } | undefined;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    const states = await Promise.all(
      topics.map(async (topic) => {
        const [lag, partitions] = await Promise.all([log.lag(group, topic), log.partitions(topic)]);
        return [topic, { lag, partitions }] as const;
      }),
    );
    known = { atMs: nowMs(), states: new Map(states) };
  };
  const states = async (): Promise<ReadonlyMap<string, TopicState>> => {
    if (known === undefined || nowMs() - known.atMs > FRESH_MS) {
      // A log that is away is told of elsewhere; here its number only grows old.
      asking ??= ask()
        .catch(() => undefined)
        .finally(() => (asking = undefined));
      await withinPatience(asking);
    }
    return known !== undefined && nowMs() - known.atMs <= STALE_MS ? known.states : new Map<string, TopicState>();
  };

  const gauge = (name: string, help: string, value: (state: TopicState) => number): void => {
    new Gauge({
      name: prefix + name,
      help,
      labelNames: ['topic'],
      registers: [registry],
      async collect() {
        const current = await states();
        this.reset();
        for (const [topic, state] of current) this.set({ topic }, value(state));
      },
    });
  };
  gauge('lag_records', 'Records the whole group has still to take; every member shows the same number.', (s) => s.lag);
  gauge('topic_partitions', 'Partitions of the topic, held by anyone or by nobody.', (s) => s.partitions);
}
