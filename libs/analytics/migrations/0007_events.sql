-- What happened to workers besides shares. Columns that an event type does not have are empty or 0.
CREATE TABLE IF NOT EXISTS assay.events
(
    tenant LowCardinality(String) COMMENT 'First segment of the username, empty for gateway_started',
    worker LowCardinality(String) COMMENT 'Full username, empty for gateway_started',
    at DateTime64(6, 'UTC') COMMENT 'When it happened, UTC' CODEC(Delta, ZSTD(1)),
    type LowCardinality(String) COMMENT 'authorized, disconnected, gateway_started or reject_burst',
    id String COMMENT 'Unique: topic:partition:offset of the log record behind it, for a reject burst followed by :worker:minute' CODEC(ZSTD(1)),
    gateway LowCardinality(String) COMMENT 'The gateway that saw it',
    connection String COMMENT 'Identifies the connection within its gateway''s lifetime' CODEC(ZSTD(1)),
    algorithm LowCardinality(String) COMMENT 'authorized: sha256d or scrypt',
    remote_address String COMMENT 'authorized: address of the miner' CODEC(ZSTD(1)),
    user_agent String COMMENT 'authorized: what the miner calls itself' CODEC(ZSTD(1)),
    difficulty Float64 COMMENT 'authorized: starting difficulty',
    expected_hash_rate Float64 COMMENT 'authorized: what the machine should do, hashes per second, 0 when nobody said',
    reporting_interval Float64 COMMENT 'authorized: reporting interval asked for, seconds, 0 when nobody said',
    reason LowCardinality(String) COMMENT 'disconnected: why. reject_burst: the most frequent reject reason',
    accepted UInt64 COMMENT 'reject_burst: accepted shares of the minute when the burst was found',
    rejected UInt64 COMMENT 'reject_burst: rejected shares of the minute when the burst was found',
    log_topic LowCardinality(String) COMMENT 'Topic of the log record behind it',
    log_partition UInt32 COMMENT 'Partition of that topic',
    log_offset UInt64 COMMENT 'worker.events: offset of the record. reject_burst: offset after the batch in which it was found' CODEC(Delta, ZSTD(1)),
    INDEX worker_index worker TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, at, id)
TTL toDateTime(at) + toIntervalDay({{events_ttl_days}})
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Connects, disconnects, gateway starts and reject bursts'
