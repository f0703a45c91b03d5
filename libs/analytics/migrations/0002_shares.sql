-- One row per share, accepted or rejected, exactly as it was proved. (log_partition, log_offset, log_row) names a row uniquely.
-- The window below is how many insert blocks ClickHouse remembers: a batch sent again within it is not stored again.
CREATE TABLE IF NOT EXISTS assay.shares
(
    tenant LowCardinality(String) COMMENT 'First segment of the username',
    worker LowCardinality(String) COMMENT 'Full username, tenant.site.rack.machine',
    algorithm LowCardinality(String) COMMENT 'sha256d or scrypt, empty when the share names no job we know',
    submitted_at DateTime64(6, 'UTC') COMMENT 'When the gateway read the share from the socket, UTC' CODEC(Delta, ZSTD(1)),
    verdict LowCardinality(String) COMMENT 'accepted or rejected, as the validator proved it',
    reject_reason LowCardinality(String) COMMENT 'Why the share was rejected, empty when it was accepted',
    gateway_reject_reason LowCardinality(String) COMMENT 'What the gateway had answered the miner, empty for accepted. Differs from reject_reason only after a fault',
    difficulty Float64 COMMENT 'Assigned difficulty, pinned to the job, in the algorithm''s own convention. Work is the sum of it over accepted shares' CODEC(ZSTD(1)),
    share_difficulty Float64 COMMENT 'Difficulty the hash achieved, 0 when the share could not be hashed' CODEC(ZSTD(1)),
    block_candidate UInt8 COMMENT '1 when the hash meets the network target of its job',
    job_hash LowCardinality(String) COMMENT 'assay.jobs.hash of the job, hex, empty when the share names no job we know' CODEC(ZSTD(1)),
    hash String COMMENT 'Block hash as block explorers show it: 64 hex digits, big-endian, zeros first. Empty when the share could not be hashed' CODEC(ZSTD(1)),
    extranonce1 String COMMENT 'Hex, in the order it stands in the coinbase' CODEC(ZSTD(1)),
    extranonce2 String COMMENT 'Hex, in the order it stands in the coinbase, empty when the share was malformed' CODEC(ZSTD(1)),
    ntime UInt32 COMMENT 'Header time as submitted, UNIX seconds' CODEC(ZSTD(1)),
    nonce UInt32 COMMENT 'Header nonce as submitted',
    version UInt32 COMMENT 'Header version as hashed: the job''s, with the rolled bits put in. 0 when the share names no job we know' CODEC(ZSTD(1)),
    version_bits UInt32 COMMENT 'Rolled version bits as submitted, 0 without version rolling' CODEC(ZSTD(1)),
    version_mask UInt32 COMMENT 'Version mask negotiated for the connection, 0 without version rolling' CODEC(ZSTD(1)),
    gateway LowCardinality(String) COMMENT 'Name of the gateway that took the share',
    log_partition UInt32 COMMENT 'Partition of the topic shares.verified' CODEC(ZSTD(1)),
    log_offset UInt64 COMMENT 'Offset of the share block in that partition' CODEC(Delta, ZSTD(1)),
    log_row UInt32 COMMENT 'Index of the share in its block' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(submitted_at)
ORDER BY (tenant, worker, submitted_at)
TTL toDateTime(submitted_at) + toIntervalDay({{shares_ttl_days}})
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1
COMMENT 'Every share, proved. One row per share'
