// The topics of the log. They live under one key, so that creating topics is one compare-and-set; every open log keeps a copy
// and looks again when it meets a name it does not know. Partition ids never change and are never reused.
import { LogError, type TopicSpec } from '@assay/event-log';
import type { MetaKey, Store } from './store.ts';
import type { TransactionWriter } from './transaction-writer.ts';

const CATALOGUE: MetaKey = ['catalogue'];
const MAX_TOPICS = 0xffff;
const MAX_PARTITIONS = 0xffff;

export interface Topic extends TopicSpec {
  readonly id: number;
}

type Topics = Readonly<Record<string, Topic>>;

export class Catalogue {
  readonly #store: Store;
  readonly #writer: TransactionWriter;
  #topics: Topics = {};
  #version = -1;

  constructor(store: Store, writer: TransactionWriter) {
    this.#store = store;
    this.#writer = writer;
  }

  /** Creates missing topics, grows existing ones and takes over changed retention; a topic never loses partitions. */
  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    for (const spec of specs) checkSpec(spec);
    for (;;) {
      this.#store.refresh();
      const stored = this.#store.entry<Topics>(CATALOGUE);
      const wanted = merge(stored?.value ?? {}, specs);
      if (JSON.stringify(wanted) === JSON.stringify(stored?.value)) return;
      const version = (stored?.version ?? 0) + 1;
      if (
        await this.#writer.guarded(CATALOGUE, stored?.version ?? null, () =>
          this.#store.put(CATALOGUE, wanted, version),
        )
      )
        return;
    }
  }

  /** Throws LogError 'unknown_topic'. */
  topic(name: string): Topic {
    const topic = this.#topics[name] ?? this.all()[name];
    if (topic === undefined)
      throw new LogError('unknown_topic', `there is no topic ${JSON.stringify(name)} in ${this.#store.dir}`, {
        retriable: false,
      });
    return topic;
  }

  /** The id of a partition. Throws LogError 'unknown_topic' when the topic or the partition does not exist. */
  partitionId(name: string, partition: number): number {
    let topic = this.topic(name);
    if (partition >= topic.partitions) topic = this.all()[name] ?? topic;
    if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
      throw new LogError(
        'unknown_topic',
        `topic ${name} has ${topic.partitions} partitions; there is no partition ${partition}`,
        { retriable: false },
      );
    }
    return topic.id * (MAX_PARTITIONS + 1) + partition;
  }

  /** All topics as stored now. */
  all(): Topics {
    this.#store.refresh();
    const stored = this.#store.entry<Topics>(CATALOGUE);
    if (stored !== undefined && stored.version !== this.#version) {
      this.#topics = stored.value;
      this.#version = stored.version;
    }
    return this.#topics;
  }
}

function checkSpec(spec: TopicSpec): void {
  const sane =
    Number.isInteger(spec.partitions) &&
    spec.partitions >= 1 &&
    spec.partitions <= MAX_PARTITIONS &&
    spec.retentionBytes > 0 &&
    spec.retentionUs > 0;
  if (!sane || spec.name === '')
    throw new RangeError(
      `topic ${JSON.stringify(spec)} needs a name, 1 to ${MAX_PARTITIONS} partitions and a retention above 0`,
    );
}

function merge(topics: Topics, specs: readonly TopicSpec[]): Topics {
  const merged: Record<string, Topic> = { ...topics };
  for (const { name, partitions, retentionBytes, retentionUs } of specs) {
    const known = merged[name];
    const id = known?.id ?? Object.keys(merged).length + 1;
    if (id > MAX_TOPICS) throw new RangeError(`no room for topic ${name}: there are ${MAX_TOPICS} topics`);
    merged[name] = { id, name, partitions: Math.max(partitions, known?.partitions ?? 0), retentionBytes, retentionUs };
  }
  return merged;
}
