// Creating topics, growing them and taking over changed retention. Any broker takes these requests and hands them to the controller.
import type { TopicSpec } from '@assay/event-log';
import { Deadline } from './deadline.ts';
import { check, errorType, LinkError } from './kafka-errors.ts';
import type { KafkaCluster, PartitionMetadata } from './kafka-cluster.ts';
import { kafkaRequest, unparsed } from './kafkajs-protocol.ts';

export interface TopicDefaults {
  /** Copies of every partition; the number of brokers, at most 3, when not given. */
  readonly replicationFactor?: number;
  /** Further settings of a topic, in Kafka's names; they win over ours. */
  readonly topicConfig?: Readonly<Record<string, string>>;
}

const MIB = 2 ** 20;
const TOPIC_RESOURCE = 2;
/** Where describeConfigs says that a value was set for this very topic. */
const DYNAMIC_TOPIC_CONFIG = 1;
const MAX_PARTITIONS = 10_000;

export class KafkaTopics {
  readonly #cluster: KafkaCluster;
  readonly #defaults: TopicDefaults;

  constructor(cluster: KafkaCluster, defaults: TopicDefaults) {
    this.#cluster = cluster;
    this.#defaults = defaults;
  }

  /** Resolves when every partition has a leader. */
  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    for (const spec of specs) checkSpec(spec);
    await Promise.all(specs.map((spec) => this.#ensureOne(spec)));
  }

  #ensureOne(spec: TopicSpec): Promise<void> {
    const { limits } = this.#cluster;
    return this.#cluster.retrying(`creating topic ${spec.name}`, new Deadline(limits.callTimeoutMs), async () => {
      const existing = await this.#partitions(spec.name);
      if (existing === undefined) await this.#create(spec);
      else {
        if (existing.length < spec.partitions) await this.#grow(spec);
        await this.#configure(spec);
      }
      const partitions = await this.#partitions(spec.name);
      if (partitions === undefined || partitions.length < spec.partitions || partitions.some((each) => each.leader < 0))
        throw new LinkError(`not every partition of ${spec.name} has a leader yet`);
    });
  }

  async #partitions(topic: string): Promise<readonly PartitionMetadata[] | undefined> {
    try {
      return await this.#cluster.partitions(topic, 0);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'unknown_topic') return undefined;
      throw error;
    }
  }

  async #create(spec: TopicSpec): Promise<void> {
    const replicas = this.#defaults.replicationFactor ?? Math.min(3, this.#cluster.brokerCount);
    const config = {
      ...this.#config(spec),
      // Two of three: one broker may be lost without losing records or the right to append.
      ...(replicas >= 3 && { 'min.insync.replicas': String(replicas - 1) }),
      ...this.#defaults.topicConfig,
    };
    const topic = {
      topic: spec.name,
      numPartitions: spec.partitions,
      replicationFactor: replicas,
      configEntries: entries(config),
    };
    const answer = await this.#ask<{ topicErrors: readonly { errorCode: number }[] }>('CreateTopics', {
      topics: [topic],
    });
    ignoring('TOPIC_ALREADY_EXISTS', () => check(answer.topicErrors[0]!.errorCode));
  }

  async #grow(spec: TopicSpec): Promise<void> {
    const answer = await this.#ask<{ topicErrors: readonly { errorCode: number }[] }>('CreatePartitions', {
      topicPartitions: [{ topic: spec.name, count: spec.partitions }],
    });
    // Somebody else grew it first.
    ignoring('INVALID_PARTITIONS', () => check(answer.topicErrors[0]!.errorCode));
  }

  async #configure(spec: TopicSpec): Promise<void> {
    const resource = { type: TOPIC_RESOURCE, name: spec.name };
    const { resources } = await this.#ask<{
      resources: readonly {
        errorCode: number;
        configEntries: readonly { configName: string; configValue: string; configSource: number }[];
      }[];
    }>('DescribeConfigs', { resources: [resource] });
    check(resources[0]!.errorCode);
    const current = new Map(resources[0]!.configEntries.map((entry) => [entry.configName, entry]));
    const wanted = { ...this.#config(spec), ...this.#defaults.topicConfig };
    if (Object.entries(wanted).every(([name, value]) => current.get(name)?.configValue === value)) return;
    // This request replaces all of a topic's settings, so those that somebody else made are kept.
    const own = [...current.values()].filter((entry) => entry.configSource === DYNAMIC_TOPIC_CONFIG);
    const kept = Object.fromEntries(own.map((entry) => [entry.configName, entry.configValue]));
    const altered = await this.#ask<{ resources: readonly { errorCode: number }[] }>('AlterConfigs', {
      resources: [{ ...resource, configEntries: entries({ ...kept, ...wanted }) }],
    });
    check(altered.resources[0]!.errorCode);
  }

  #config({ retentionBytes, retentionUs }: TopicSpec): Record<string, string> {
    const retentionMs = Math.max(1, Math.floor(retentionUs / 1000));
    return {
      'cleanup.policy': 'delete',
      'retention.bytes': String(retentionBytes),
      'retention.ms': String(retentionMs),
      // Kafka drops whole segments, so a partition holds up to one more than its retention says. An eighth is little enough.
      'segment.bytes': String(Math.min(512 * MIB, Math.max(MIB, Math.floor(retentionBytes / 8)))),
      'segment.ms': String(Math.min(7 * 86_400_000, Math.max(60_000, Math.floor(retentionMs / 8)))),
      'max.message.bytes': String(this.#cluster.limits.maxAppendBytes + MIB),
    };
  }

  async #ask<Answer>(api: Parameters<typeof kafkaRequest>[0], parameters: Record<string, unknown>): Promise<Answer> {
    const link = await this.#cluster.anyLink();
    return link.send(unparsed(kafkaRequest<Answer>(api, parameters)), this.#cluster.limits.callTimeoutMs);
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

function ignoring(type: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (errorType(error) !== type) throw error;
  }
}

const entries = (config: Readonly<Record<string, string>>): { name: string; value: string }[] =>
  Object.entries(config).map(([name, value]) => ({ name, value }));
