-- Shares per worker and minute. Rows are deltas that add up: several may stand for one bucket until merges join them, so always
-- aggregate (sum, max, min, groupBitOr) or read with FINAL. A late share lands in the minute it was submitted in.
CREATE TABLE IF NOT EXISTS assay.rollup_1m
(
    tenant LowCardinality(String) COMMENT 'First segment of the username',
    worker LowCardinality(String) COMMENT 'Full username, tenant.site.rack.machine',
    algorithm LowCardinality(String) COMMENT 'sha256d or scrypt, empty for shares that name no job we know',
    at DateTime('UTC') COMMENT 'Start of the minute, UTC' CODEC(Delta, ZSTD(1)),
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
    work_squared SimpleAggregateFunction(sum, Float64) COMMENT 'Sum of squared assigned difficulty over accepted shares: work^2 / work_squared is the effective number of shares behind the rate' CODEC(ZSTD(1)),
    best_share SimpleAggregateFunction(max, Float64) COMMENT 'Highest difficulty achieved by an accepted share, 0 without one' CODEC(ZSTD(1)),
    first_share SimpleAggregateFunction(min, Nullable(DateTime64(6, 'UTC'))) COMMENT 'First accepted share, UTC, null without one' CODEC(ZSTD(1)),
    last_share SimpleAggregateFunction(max, Nullable(DateTime64(6, 'UTC'))) COMMENT 'Last accepted share, UTC, null without one' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, worker, algorithm, at)
TTL at + toIntervalDay({{rollup_1m_ttl_days}})
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Shares per worker and minute'
