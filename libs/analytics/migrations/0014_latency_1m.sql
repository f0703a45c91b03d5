-- How long machines took to answer their gateway, per worker and minute. Rows are deltas that add up: always aggregate. A gateway that does not
-- know whether the log took a record writes it again, and then its minute counts twice: the mean and the slowest of it are the same.
CREATE TABLE IF NOT EXISTS assay.latency_1m
(
    tenant LowCardinality(String) COMMENT 'First segment of the username',
    worker LowCardinality(String) COMMENT 'Full username, tenant.site.rack.machine',
    at DateTime('UTC') COMMENT 'Start of the minute in which the answers came, UTC' CODEC(Delta, ZSTD(1)),
    log_partition UInt32 COMMENT 'Partition of the topic worker.latencies' CODEC(ZSTD(1)),
    answers SimpleAggregateFunction(sum, UInt64) COMMENT 'Answers that were timed' CODEC(T64, ZSTD(1)),
    total_ms SimpleAggregateFunction(sum, Float64) COMMENT 'Milliseconds of all of them together: over answers, it is the mean' CODEC(ZSTD(1)),
    slowest_ms SimpleAggregateFunction(max, Float64) COMMENT 'Milliseconds of the slowest' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, worker, at, log_partition)
TTL at + toIntervalDay({{rollup_1m_ttl_days}})
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'How long machines took to answer their gateway, per worker and minute'
