-- Every job template that shares refer to, by the hash of its content. A job arrives again with later batches, and merges
-- keep one row of it, with the earliest first_seen. Until then read it with FINAL.
CREATE TABLE IF NOT EXISTS assay.jobs
(
    hash String COMMENT 'SHA-256 of the canonical encoding of the template, 64 hex digits' CODEC(ZSTD(1)),
    algorithm SimpleAggregateFunction(any, LowCardinality(String)) COMMENT 'sha256d or scrypt',
    prev_hash SimpleAggregateFunction(any, String) COMMENT 'Previous block hash as block explorers show it: 64 hex digits, big-endian' CODEC(ZSTD(1)),
    coinbase1 SimpleAggregateFunction(any, String) COMMENT 'Hex. Coinbase transaction up to the extranonces' CODEC(ZSTD(1)),
    coinbase2 SimpleAggregateFunction(any, String) COMMENT 'Hex. Coinbase transaction after the extranonces' CODEC(ZSTD(1)),
    merkle_branches SimpleAggregateFunction(any, String) COMMENT 'Hex. Merkle branches of 32 bytes each, one after the other, in the order they are hashed' CODEC(ZSTD(1)),
    version SimpleAggregateFunction(any, UInt32) COMMENT 'Block version before version rolling',
    nbits SimpleAggregateFunction(any, String) COMMENT 'Network target in compact form, 8 hex digits',
    ntime SimpleAggregateFunction(any, UInt32) COMMENT 'The job''s own time, UNIX seconds',
    network_difficulty SimpleAggregateFunction(any, Float64) COMMENT 'Difficulty of the network target, in the algorithm''s own convention',
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'Submission time of the first share seen that refers to it, UTC'
)
ENGINE = AggregatingMergeTree
PARTITION BY tuple()
ORDER BY hash
TTL toDateTime(first_seen) + toIntervalDay({{shares_ttl_days}} + 7)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Job templates. A share row and its job are enough to hash the share again'
