// The Fetch request for one partition. kafkajs's own decodes the records, without looking at their checksums; here they are left as they came.
import {
  API_KEYS,
  API_VERSIONS,
  Decoder,
  kafkaRequest,
  type ProtocolRequest,
  type WireDecoder,
} from './kafkajs-protocol.ts';

export interface Fetched {
  readonly errorCode: number;
  /** The offset after the last record that all replicas have; -1 with an error. */
  readonly highWatermark: number;
  readonly batches: Buffer;
}

export interface FetchParameters {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** How long the broker waits for a first record. */
  readonly waitMs: number;
  /** A first batch that is larger comes all the same. */
  readonly maxBytes: number;
}

const READ_UNCOMMITTED = 0;

export function fetchRequest({
  topic,
  partition,
  offset,
  waitMs,
  maxBytes,
}: FetchParameters): ProtocolRequest<Fetched> {
  const { request } = kafkaRequest('Fetch', {
    replicaId: -1,
    isolationLevel: READ_UNCOMMITTED,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: offset, maxBytes }] }],
  });
  return {
    request: { ...request, apiKey: API_KEYS['Fetch']!, apiVersion: API_VERSIONS.Fetch, apiName: 'Fetch' },
    response: { decode, parse: async (decoded) => (decoded as { fetched: Fetched }).fetched },
  };
}

async function decode(raw: Buffer): Promise<{ fetched: Fetched; clientSideThrottleTime: number }> {
  const decoder = new Decoder(raw);
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  // The id of a fetch session, which we do not use.
  decoder.readInt32();
  const partitions = decoder.readArray((topics) => {
    topics.readString();
    return topics.readArray(readPartition);
  });
  const fetched = partitions.flat()[0] ?? { errorCode, highWatermark: -1, batches: Buffer.alloc(0) };
  return { fetched: errorCode === 0 ? fetched : { ...fetched, errorCode }, clientSideThrottleTime };
}

function readPartition(decoder: WireDecoder): Fetched {
  decoder.readInt32();
  const errorCode = decoder.readInt16();
  const highWatermark = Number(decoder.readInt64().toString());
  // Last stable offset and log start offset.
  decoder.readInt64();
  decoder.readInt64();
  // Aborted transactions and the preferred replica.
  decoder.readArray((aborted) => [aborted.readInt64(), aborted.readInt64()]);
  decoder.readInt32();
  return { errorCode, highWatermark, batches: decoder.readBytes() ?? Buffer.alloc(0) };
}
