// Which partition a key belongs to. Equal keys share a partition for as long as the topic keeps its partition count;
// a topic that grows moves keys, as it does in Kafka.

/** FNV-1a over the key's UTF-16 units, reduced to [0, partitions). The Kafka adapter uses Kafka's own partitioner; only stability is promised. */
export function partitionOfKey(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  // FNV's low bits mix poorly over short keys; fold the high half in before the remainder.
  hash ^= hash >>> 15;
  return (hash >>> 0) % partitions;
}
