// What the log, its sessions and its group members share: the cluster, the limits, the counters, and what is asked of offsets.
import type { PartitionBounds, Position } from '@assay/event-log';
import { check } from './kafka-errors.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { kafkaRequest, unparsed } from './kafkajs-protocol.ts';
import type { KafkaLogLimits } from './limits.ts';

export interface LogCounts {
  appends: number;
  appendedRecords: number;
  appendedBytes: number;
  /** Appends refused with LogError 'full'. */
  refusedFull: number;
  fetches: number;
  fetchedBytes: number;
  /** Reads that began below the retained range: records were dropped before this reader came. */
  readsBehindRetention: number;
  fencedCommits: number;
  /** Partitions taken over by a member of this open log. */
  partitionsAssigned: number;
  /** Generations of its groups that members of this open log took part in. */
  rebalances: number;
  /** Times a member was found to have been silent for too long, or thrown out. */
  membershipsLost: number;
}

const EARLIEST = -2;
const LATEST = -1;

export class LogCore {
  readonly counts: LogCounts = {
    appends: 0,
    appendedRecords: 0,
    appendedBytes: 0,
    refusedFull: 0,
    fetches: 0,
    fetchedBytes: 0,
    readsBehindRetention: 0,
    fencedCommits: 0,
    partitionsAssigned: 0,
    rebalances: 0,
    membershipsLost: 0,
  };

  constructor(
    readonly cluster: KafkaCluster,
    readonly limits: KafkaLogLimits,
    readonly warn: (message: string) => void,
  ) {}

  async bounds(topic: string, partition: number): Promise<PartitionBounds> {
    return (await this.allBounds(topic, [partition])).get(partition)!;
  }

  /** Of several partitions, in two requests to each of their leaders. */
  async allBounds(topic: string, partitions: readonly number[]): Promise<Map<number, PartitionBounds>> {
    const [starts, ends] = await Promise.all([
      this.#offsets(topic, partitions, EARLIEST),
      this.#offsets(topic, partitions, LATEST),
    ]);
    return new Map(partitions.map((each) => [each, { start: starts.get(each)!, end: ends.get(each)! }]));
  }

  /** Where the group stands in each of these partitions of a topic; one it never committed in is missing. */
  async positions(group: string, topic: string, partitions: readonly number[]): Promise<Map<number, Position>> {
    const request = kafkaRequest<OffsetFetchAnswer>('OffsetFetch', {
      groupId: group,
      topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
    });
    const answer = await this.cluster.withCoordinator(`positions of ${group} in ${topic}`, group, async (link) => {
      const found = await link.send(unparsed(request), this.limits.connectTimeoutMs);
      check(found.errorCode);
      for (const each of found.responses.flatMap((response) => response.partitions)) check(each.errorCode);
      return found;
    });
    const positions = new Map<number, Position>();
    for (const { partition, offset, metadata } of answer.responses.flatMap((response) => response.partitions))
      if (Number(offset) >= 0) positions.set(partition, { offset: Number(offset), metadata: metadata ?? '' });
    return positions;
  }

  async #offsets(topic: string, partitions: readonly number[], timestamp: number): Promise<Map<number, number>> {
    const answers = await this.cluster.withLeaders(`bounds in ${topic}`, topic, partitions, (link, led) =>
      link.send(
        kafkaRequest<ListOffsetsAnswer>('ListOffsets', {
          replicaId: -1,
          isolationLevel: 0,
          topics: [{ topic, partitions: led.map((partition) => ({ partition, timestamp })) }],
        }),
        this.limits.connectTimeoutMs,
      ),
    );
    const found = answers.flatMap(({ responses }) => responses.flatMap((response) => response.partitions));
    return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
  }
}

interface OffsetFetchAnswer {
  readonly errorCode: number;
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly partition: number;
      readonly offset: string;
      readonly metadata: string | null;
      readonly errorCode: number;
    }[];
  }[];
}

interface ListOffsetsAnswer {
  readonly responses: readonly {
    readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
  }[];
}
