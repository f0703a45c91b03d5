-- The same per worker and hour. The view fills it with each insert, under the same token, so a batch sent again counts once here as well.
CREATE TABLE IF NOT EXISTS assay.latency_1h
(
    tenant LowCardinality(String) COMMENT 'First segment of the username',
    worker LowCardinality(String) COMMENT 'Full username, tenant.site.rack.machine',
    at DateTime('UTC') COMMENT 'Start of the hour in which the answers came, UTC' CODEC(Delta, ZSTD(1)),
    answers SimpleAggregateFunction(sum, UInt64) COMMENT 'Answers that were timed' CODEC(T64, ZSTD(1)),
    total_ms SimpleAggregateFunction(sum, Float64) COMMENT 'Milliseconds of all of them together: over answers, it is the mean' CODEC(ZSTD(1)),
    slowest_ms SimpleAggregateFunction(max, Float64) COMMENT 'Milliseconds of the slowest' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, worker, at)
TTL at + toIntervalDay({{rollup_1h_ttl_days}})
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'How long machines took to answer their gateway, per worker and hour';

CREATE MATERIALIZED VIEW IF NOT EXISTS assay_filling.latency_1h TO assay.latency_1h AS
SELECT
    r.tenant AS tenant,
    r.worker AS worker,
    toStartOfHour(r.at) AS at,
    sum(r.answers) AS answers,
    sum(r.total_ms) AS total_ms,
    max(r.slowest_ms) AS slowest_ms
FROM assay.latency_1m AS r
GROUP BY r.tenant, r.worker, at
