-- Shares per site and hour: what rollup_1h comes to, for totals over many machines. The view fills it with each insert, under the same token,
-- so a batch sent again counts once here as well. Rows are deltas that add up: always aggregate.
CREATE TABLE IF NOT EXISTS assay.site_1h
(
    tenant LowCardinality(String) COMMENT 'First segment of the username',
    worker LowCardinality(String) COMMENT 'The site, tenant.site, or the tenant alone where a worker names no site',
    algorithm LowCardinality(String) COMMENT 'sha256d or scrypt, empty for shares that name no job we know',
    at DateTime('UTC') COMMENT 'Start of the hour, UTC' CODEC(Delta, ZSTD(1)),
    accepted SimpleAggregateFunction(sum, UInt64) COMMENT 'Accepted shares' CODEC(T64, ZSTD(1)),
    rejected SimpleAggregateFunction(sum, UInt64) COMMENT 'Rejected shares, the sum of the eleven columns that follow' CODEC(T64, ZSTD(1)),
    rejected_malformed SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_not_subscribed SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_unauthorized SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_unknown_job SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_stale SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_duplicate SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_ntime_out_of_range SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_version_bits SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_low_difficulty SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_rate_limited SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    rejected_unproven SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    work SimpleAggregateFunction(sum, Decimal(38, 8)) COMMENT 'Sum of assigned difficulty over accepted shares, exact. Times hashes per difficulty, over seconds, it is the hash rate' CODEC(ZSTD(1)),
    work_squared SimpleAggregateFunction(sum, Float64) COMMENT 'Sum of squared assigned difficulty over accepted shares: work^2 / work_squared is the effective number of shares behind the rate' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, worker, algorithm, at)
TTL at + toIntervalDay({{rollup_1h_ttl_days}})
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Shares per site and hour';

-- What is on record already. A crash before this file was recorded runs it again: then it is there.
INSERT INTO assay.site_1h (tenant, worker, algorithm, at, accepted, rejected, rejected_malformed, rejected_not_subscribed, rejected_unauthorized, rejected_unknown_job, rejected_stale, rejected_duplicate, rejected_ntime_out_of_range, rejected_version_bits, rejected_low_difficulty, rejected_rate_limited, rejected_unproven, work, work_squared)
SELECT
    r.tenant AS tenant,
    if(position(toString(r.worker), '.') = 0, toString(r.worker), arrayStringConcat(arraySlice(splitByChar('.', toString(r.worker)), 1, 2), '.')) AS worker,
    r.algorithm AS algorithm,
    r.at AS at,
    sum(r.accepted) AS accepted,
    sum(r.rejected) AS rejected,
    sum(r.rejected_malformed) AS rejected_malformed,
    sum(r.rejected_not_subscribed) AS rejected_not_subscribed,
    sum(r.rejected_unauthorized) AS rejected_unauthorized,
    sum(r.rejected_unknown_job) AS rejected_unknown_job,
    sum(r.rejected_stale) AS rejected_stale,
    sum(r.rejected_duplicate) AS rejected_duplicate,
    sum(r.rejected_ntime_out_of_range) AS rejected_ntime_out_of_range,
    sum(r.rejected_version_bits) AS rejected_version_bits,
    sum(r.rejected_low_difficulty) AS rejected_low_difficulty,
    sum(r.rejected_rate_limited) AS rejected_rate_limited,
    sum(r.rejected_unproven) AS rejected_unproven,
    sum(r.work) AS work,
    sum(r.work_squared) AS work_squared
FROM assay.rollup_1h AS r
WHERE (SELECT count() FROM assay.site_1h) = 0
GROUP BY r.tenant, worker, r.algorithm, r.at;

-- In a database of its own, which is nobody's to read: what it shows is the table's, past the rules about who sees which of its rows.
CREATE DATABASE IF NOT EXISTS assay_filling ENGINE = Atomic;

CREATE MATERIALIZED VIEW IF NOT EXISTS assay_filling.site_1h TO assay.site_1h AS
SELECT
    r.tenant AS tenant,
    if(position(toString(r.worker), '.') = 0, toString(r.worker), arrayStringConcat(arraySlice(splitByChar('.', toString(r.worker)), 1, 2), '.')) AS worker,
    r.algorithm AS algorithm,
    r.at AS at,
    sum(r.accepted) AS accepted,
    sum(r.rejected) AS rejected,
    sum(r.rejected_malformed) AS rejected_malformed,
    sum(r.rejected_not_subscribed) AS rejected_not_subscribed,
    sum(r.rejected_unauthorized) AS rejected_unauthorized,
    sum(r.rejected_unknown_job) AS rejected_unknown_job,
    sum(r.rejected_stale) AS rejected_stale,
    sum(r.rejected_duplicate) AS rejected_duplicate,
    sum(r.rejected_ntime_out_of_range) AS rejected_ntime_out_of_range,
    sum(r.rejected_version_bits) AS rejected_version_bits,
    sum(r.rejected_low_difficulty) AS rejected_low_difficulty,
    sum(r.rejected_rate_limited) AS rejected_rate_limited,
    sum(r.rejected_unproven) AS rejected_unproven,
    sum(r.work) AS work,
    sum(r.work_squared) AS work_squared
FROM assay.rollup_1h AS r
GROUP BY r.tenant, worker, r.algorithm, r.at
