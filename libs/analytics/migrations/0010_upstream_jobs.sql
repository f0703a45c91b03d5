-- Each job that a gateway took over from an upstream pool or a node and gave out. A job that comes back, as after a lost connection, has
-- a row each time. Like upstream_shares it may hold a record twice until merges: read it with FINAL.
CREATE TABLE IF NOT EXISTS assay.upstream_jobs
(
    source LowCardinality(String) COMMENT 'Name of the job source',
    endpoint LowCardinality(String) COMMENT 'Which of the source''s upstreams it came from, host:port',
    gateway LowCardinality(String) COMMENT 'Name of the gateway that gave it out',
    at DateTime64(6, 'UTC') COMMENT 'When the gateway gave it out, UTC' CODEC(Delta, ZSTD(1)),
    job_hash String COMMENT 'assay.jobs.hash of the job as machines get it' CODEC(ZSTD(1)),
    upstream_job_id String COMMENT 'The upstream''s own id of the job, empty for a node' CODEC(ZSTD(1)),
    upstream_difficulty Float64 COMMENT 'Shares of the job that reach this difficulty are passed on' CODEC(ZSTD(1)),
    log_partition UInt32 COMMENT 'Partition of the topic upstream.shares' CODEC(ZSTD(1)),
    log_offset UInt64 COMMENT 'Offset of the record in that partition' CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (gateway, job_hash, at, source)
TTL toDateTime(at) + toIntervalDay({{shares_ttl_days}} + 7)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Jobs taken over from upstream pools and nodes'
