-- The latest facts about each worker. Rows are sightings: the one with the latest time wins, whatever order they came in, so
-- read with FINAL: SELECT worker, user_agent, first_seen FROM assay.workers FINAL.
CREATE TABLE IF NOT EXISTS assay.workers
(
    tenant LowCardinality(String) COMMENT 'First segment of the username',
    worker String COMMENT 'Full username, tenant.site.rack.machine',
    site SimpleAggregateFunction(any, LowCardinality(String)) COMMENT 'Second segment of the username, empty when there is none',
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'First authorization seen, UTC',
    last_seen SimpleAggregateFunction(max, DateTime64(6, 'UTC')) COMMENT 'Last authorization or disconnect, UTC. For the last share see the rollups',
    latest SimpleAggregateFunction(max, Tuple(
        at DateTime64(6, 'UTC'),
        algorithm String,
        user_agent String,
        remote_address String,
        gateway String,
        difficulty Float64,
        expected_hash_rate Float64,
        reporting_interval Float64)) COMMENT 'What the latest authorization said',
    algorithm String ALIAS latest.algorithm COMMENT 'sha256d or scrypt',
    user_agent String ALIAS latest.user_agent COMMENT 'What the miner calls itself',
    remote_address String ALIAS latest.remote_address COMMENT 'Address of the miner',
    gateway String ALIAS latest.gateway COMMENT 'Gateway of the latest authorization',
    difficulty Float64 ALIAS latest.difficulty COMMENT 'Difficulty the latest connection started with',
    expected_hash_rate Float64 ALIAS latest.expected_hash_rate COMMENT 'What the machine should do, hashes per second, 0 when nobody said',
    reporting_interval Float64 ALIAS latest.reporting_interval COMMENT 'Reporting interval asked for, seconds, 0 when nobody said'
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, worker)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Latest facts per worker'
