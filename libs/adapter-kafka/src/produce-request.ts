// The Produce request: any number of finished batches for one broker, at most one per partition, each with an outcome of its own. kafkajs's own
// encodes records instead of batches and throws at the first partition that failed.
import { API_KEYS, API_VERSIONS, Decoder, Encoder, type ProtocolRequest } from './kafkajs-protocol.ts';

export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

export interface PartitionOutcome {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
}

const ALL_REPLICAS = -1;

/** @param timeoutMs how long the broker waits for its followers. */
export function produceRequest(
  batches: readonly PartitionBatch[],
  timeoutMs: number,
): ProtocolRequest<readonly PartitionOutcome[]> {
  return {
    request: {
      apiKey: API_KEYS['Produce']!,
      apiVersion: API_VERSIONS.Produce,
      apiName: 'Produce',
      encode: async () =>
        new Encoder()
          .writeString(null)
          .writeInt16(ALL_REPLICAS)
          .writeInt32(timeoutMs)
          .writeArray(
            batches.map(({ topic, partition, bytes }) =>
              new Encoder().writeString(topic).writeArray([new Encoder().writeInt32(partition).writeBytes(bytes)]),
            ),
          ),
    },
    response: {
      decode: async (raw) => {
        const decoder = new Decoder(raw);
        const outcomes = decoder.readArray((topics) => {
          const topic = topics.readString()!;
          return topics.readArray((partitions): PartitionOutcome => {
            const partition = partitions.readInt32();
            const errorCode = partitions.readInt16();
            const baseOffset = Number(partitions.readInt64().toString());
            // Log append time and log start offset.
            partitions.readInt64();
            partitions.readInt64();
            return { topic, partition, errorCode, baseOffset };
          });
        });
        return { outcomes: outcomes.flat(), clientSideThrottleTime: decoder.readInt32() };
      },
      parse: async (decoded) => (decoded as { outcomes: PartitionOutcome[] }).outcomes,
    },
  };
}
