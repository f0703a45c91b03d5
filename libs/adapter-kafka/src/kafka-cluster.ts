// What is known of the cluster: its brokers, who leads each partition, who coordinates each group; and the links to them.
// Everything is learnt when it is first needed, so that a log can be opened while Kafka is away. What turns out wrong is forgotten and learnt again.
import { LogError } from '@assay/event-log';
import type { BrokerAddress, BrokerLink, LinkSettings } from './broker-link.ts';
import { BrokerLinks } from './broker-links.ts';
import { Deadline, pause, within } from './deadline.ts';
import { check, describe, errorType, isWorthRetrying, LinkError, toLogError } from './kafka-errors.ts';
import { kafkaRequest, unparsed } from './kafkajs-protocol.ts';
import type { KafkaLogLimits } from './limits.ts';

export interface PartitionMetadata {
  readonly partition: number;
  /** Node id, or -1 while there is none. */
  readonly leader: number;
}

interface Metadata {
  readonly brokers: readonly { nodeId: number; host: string; port: number }[];
  readonly topicMetadata: readonly {
    topicErrorCode: number;
    topic: string;
    partitionMetadata: readonly { partitionErrorCode: number; partitionId: number; leader: number }[];
  }[];
}

interface Topic {
  readonly partitions: readonly PartitionMetadata[];
  readonly atMs: number;
}

const UNKNOWN_TOPIC = 3;
const LONGEST_PAUSE_MS = 1_000;
const NEWS_PAUSE_MS = 250;

export class KafkaCluster {
  readonly limits: KafkaLogLimits;
  readonly #seeds: readonly BrokerAddress[];
  readonly #warn: (message: string) => void;
  #brokers = new Map<number, BrokerAddress>();
  readonly #topics = new Map<string, Topic>();
  readonly #coordinators = new Map<string, number>();
  readonly #refreshing = new Map<string, Promise<void>>();
  readonly #links: BrokerLinks;
  #closed = false;
  #isAway = false;

  constructor(
    seeds: readonly BrokerAddress[],
    settings: LinkSettings,
    limits: KafkaLogLimits,
    warn: (message: string) => void,
  ) {
    this.#seeds = seeds;
    this.#links = new BrokerLinks(settings);
    this.limits = limits;
    this.#warn = warn;
  }

  get linkCount(): number {
    return this.#links.count;
  }

  get brokerCount(): number {
    return this.#brokers.size;
  }

  close(): void {
    this.#closed = true;
    this.#links.close();
  }

  checkOpen(): void {
    if (this.#closed) throw new LogError('closed', 'the log is closed', { retriable: false });
  }

  /**
   * Tries until it works, the error is one that no retry can help, or the time is up. What was learnt of leaders and coordinators is for
   * `attempt` to forget. Rejects with a LogError.
   */
  async retrying<T>(what: string, deadline: Deadline, attempt: () => Promise<T>): Promise<T> {
    let pauseMs = this.limits.retryPauseMs;
    let before = '';
    for (;;) {
      this.checkOpen();
      try {
        const outcome = attempt();
        // Left behind when the time is up, whatever becomes of it.
        if (
          await within(
            deadline.leftMs,
            outcome.catch(() => undefined),
          )
        )
          return await outcome;
        throw new LinkError(`Kafka did not answer in time${before}`);
      } catch (error) {
        this.checkOpen();
        if (!isWorthRetrying(error) || deadline.leftMs <= pauseMs) throw toLogError(what, error);
        before = `; before that: ${describe(error)}`;
      }
      await pause(pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }

  /** The partitions of a topic, at most metadataMaxAgeMs old (or `maxAgeMs`). Throws LogError 'unknown_topic' when there is no such topic. */
  async partitions(topic: string, maxAgeMs = this.limits.metadataMaxAgeMs): Promise<readonly PartitionMetadata[]> {
    const known = this.#topics.get(topic);
    if (known === undefined || performance.now() - known.atMs > maxAgeMs) await this.#refresh(topic);
    return this.#topics.get(topic)!.partitions;
  }

  /** The node that leads the partition. Throws LogError 'unknown_topic', or an error worth retrying while there is none. */
  async leader(topic: string, partition: number): Promise<number> {
    let partitions = await this.partitions(topic);
    if (partition >= partitions.length) partitions = await this.partitions(topic, 0);
    const found = partitions[partition];
    if (found === undefined) throw noPartition(topic, partition, partitions.length);
    if (found.leader >= 0) return found.leader;
    this.forgetLeaders(topic);
    throw new LinkError(`${topic}/${partition} has no leader just now`);
  }

  /** To be called when a leader said it is none, or could not be reached. */
  forgetLeaders(topic: string): void {
    const known = this.#topics.get(topic);
    if (known !== undefined) this.#topics.set(topic, { ...known, atMs: -Infinity });
  }

  async coordinator(group: string): Promise<number> {
    const known = this.#coordinators.get(group);
    if (known !== undefined) return known;
    const link = await this.anyLink();
    const { coordinator } = await link.send(
      kafkaRequest<{ coordinator: { nodeId: number; host: string; port: number } }>('GroupCoordinator', {
        groupId: group,
      }),
      this.limits.connectTimeoutMs,
    );
    this.#brokers.set(coordinator.nodeId, { host: coordinator.host, port: coordinator.port });
    this.#coordinators.set(group, coordinator.nodeId);
    return coordinator.nodeId;
  }

  forgetCoordinator(group: string): void {
    this.#coordinators.delete(group);
  }

  /** Asks the group's coordinator, looking for it again when it moved. Rejects with a LogError. */
  async withCoordinator<T>(what: string, group: string, ask: (link: BrokerLink) => Promise<T>): Promise<T> {
    return this.retrying(what, new Deadline(this.limits.callTimeoutMs), async () => {
      try {
        return await ask(await this.link(await this.coordinator(group), 'main'));
      } catch (error) {
        this.forgetCoordinator(group);
        throw error;
      }
    });
  }

  /** Asks the leaders of these partitions, each for its own, looking for them again when they moved. Rejects with a LogError. */
  async withLeaders<T>(
    what: string,
    topic: string,
    partitions: readonly number[],
    ask: (link: BrokerLink, led: readonly number[]) => Promise<T>,
  ): Promise<T[]> {
    return this.retrying(what, new Deadline(this.limits.callTimeoutMs), async () => {
      const ledBy = new Map<number, number[]>();
      for (const partition of partitions) {
        const leader = await this.leader(topic, partition);
        ledBy.set(leader, [...(ledBy.get(leader) ?? []), partition]);
      }
      try {
        return await Promise.all([...ledBy].map(async ([leader, led]) => ask(await this.link(leader, 'main'), led)));
      } catch (error) {
        this.forgetLeaders(topic);
        throw error;
      }
    });
  }

  /** The link of that lane to a broker, opened when there is none. */
  async link(nodeId: number, lane: string): Promise<BrokerLink> {
    return this.#links.lane(this.#addressOf(nodeId), lane);
  }

  /** Ends whatever is under way on the links of a lane that is no longer needed. */
  async closeLane(lane: string): Promise<void> {
    await this.#links.closeLane(lane);
  }

  /** A link that nobody else uses until it is given back. */
  async borrowLink(nodeId: number): Promise<BrokerLink> {
    return this.#links.borrow(this.#addressOf(nodeId));
  }

  giveBack(link: BrokerLink): void {
    this.#links.giveBack(link);
  }

  /** A link to any broker that can be reached: one that is open, else the first that lets us in. */
  async anyLink(): Promise<BrokerLink> {
    const known = [...this.#brokers.values()];
    const start = Math.floor(Math.random() * known.length);
    const order = [...known.slice(start), ...known.slice(0, start), ...this.#seeds];
    const connected = order.find((address) => this.#links.isConnected(address));
    let failure: unknown = new LinkError('no broker is known');
    for (const address of connected === undefined ? order : [connected, ...order]) {
      try {
        const link = await this.#links.lane(address, 'main');
        if (this.#isAway) this.#warn(`Kafka is back: ${address.host}:${address.port} answers`);
        this.#isAway = false;
        return link;
      } catch (error) {
        this.checkOpen();
        failure = error;
      }
    }
    if (!this.#isAway) this.#warn(`no broker of Kafka can be reached: ${describe(failure)}`);
    this.#isAway = true;
    throw failure;
  }

  #addressOf(nodeId: number): BrokerAddress {
    const address = this.#brokers.get(nodeId);
    if (address === undefined) throw new LinkError(`broker ${nodeId} is not known`);
    return address;
  }

  /** One request at a time per topic, however many ask. */
  #refresh(topic: string): Promise<void> {
    const running = this.#refreshing.get(topic);
    if (running !== undefined) return running;
    const refresh = this.#askForMetadata(topic).finally(() => this.#refreshing.delete(topic));
    this.#refreshing.set(topic, refresh);
    return refresh;
  }

  async #askForMetadata(topic: string): Promise<void> {
    let found = await this.#topicMetadata(topic);
    if (found?.topicErrorCode === UNKNOWN_TOPIC && this.#brokers.size > 1) {
      // A topic that was just created is not known to every broker at once.
      await pause(NEWS_PAUSE_MS);
      found = await this.#topicMetadata(topic);
    }
    if (found === undefined || found.topicErrorCode === UNKNOWN_TOPIC) {
      this.#topics.delete(topic);
      throw new LogError('unknown_topic', `there is no topic ${JSON.stringify(topic)}`, { retriable: false });
    }
    check(found.topicErrorCode);
    const partitions = found.partitionMetadata
      .map(({ partitionId, leader }) => ({ partition: partitionId, leader }))
      .sort((a, b) => a.partition - b.partition);
    this.#topics.set(topic, { partitions, atMs: performance.now() });
  }

  async #topicMetadata(topic: string): Promise<Metadata['topicMetadata'][number] | undefined> {
    const link = await this.anyLink();
    const request = kafkaRequest<Metadata>('Metadata', { topics: [topic], allowAutoTopicCreation: false });
    const { brokers, topicMetadata } = await link.send(unparsed(request), this.limits.connectTimeoutMs);
    this.#brokers = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    return topicMetadata.find((each) => each.topic === topic);
  }
}

export function noPartition(topic: string, partition: number, count: number): LogError {
  return new LogError('unknown_topic', `topic ${topic} has ${count} partitions; there is no partition ${partition}`, {
    retriable: false,
  });
}

/** Errors of a coordinator that has moved or is not ready. */
export function isCoordinatorMoving(error: unknown): boolean {
  const type = errorType(error);
  return (
    type === undefined ||
    ['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP'].includes(type)
  );
}
