-- What became of each share that was passed on to an upstream pool or a node. `hash` is that of assay.shares: beside it stands what was
-- verified. A record may arrive twice, as gateways write them again when they do not know whether the log has them; merges keep one
-- row a share, the one answered last. Until then read it with FINAL.
CREATE TABLE IF NOT EXISTS assay.upstream_shares
(
    tenant LowCardinality(String) COMMENT 'First segment of the username',
    source LowCardinality(String) COMMENT 'Name of the job source it was passed on to',
    endpoint LowCardinality(String) COMMENT 'Which of the source''s upstreams, host:port',
    gateway LowCardinality(String) COMMENT 'Name of the gateway that passed it on',
    worker LowCardinality(String) COMMENT 'Full username, tenant.site.rack.machine',
    account LowCardinality(String) COMMENT 'Under whose name it was passed on, empty for a node',
    hash String COMMENT 'assay.shares.hash of the share: 64 hex digits, big-endian' CODEC(ZSTD(1)),
    job_hash LowCardinality(String) COMMENT 'assay.jobs.hash of its job' CODEC(ZSTD(1)),
    upstream_job_id String COMMENT 'The upstream''s own id of the job, empty for a node' CODEC(ZSTD(1)),
    upstream_difficulty Float64 COMMENT 'Difficulty from which on the upstream counts shares of the job: what an accepted one is credited as' CODEC(ZSTD(1)),
    submitted_at DateTime64(6, 'UTC') COMMENT 'assay.shares.submitted_at of the share, UTC' CODEC(Delta, ZSTD(1)),
    sent_at DateTime64(6, 'UTC') COMMENT 'When it was passed on last, UTC, 1970 when it never was' CODEC(Delta, ZSTD(1)),
    answered_at DateTime64(6, 'UTC') COMMENT 'When the upstream''s answer came, UTC, 1970 when none did' CODEC(Delta, ZSTD(1)),
    attempts UInt32 COMMENT 'How many times it was passed on: once, and again where a connection was lost in between' CODEC(T64, ZSTD(1)),
    verdict LowCardinality(String) COMMENT 'accepted or rejected by the upstream, unanswered when it was sent and no answer came, unsent when it could not be sent',
    reason LowCardinality(String) COMMENT 'Why, as the upstream said it, stratum''s error code in front. Empty when there is no reason',
    block_candidate UInt8 COMMENT '1 when the hash meets the network target of its job',
    log_partition UInt32 COMMENT 'Partition of the topic upstream.shares' CODEC(ZSTD(1)),
    log_offset UInt64 COMMENT 'Offset of the record in that partition' CODEC(Delta, ZSTD(1)),
    answer_ms Nullable(Float64) ALIAS if(answered_at > toDateTime64(0, 6, 'UTC'), (toUnixTimestamp64Micro(answered_at) - toUnixTimestamp64Micro(sent_at)) / 1000, NULL) COMMENT 'From passing it on to the answer, milliseconds, null without an answer'
)
ENGINE = ReplacingMergeTree(answered_at)
PARTITION BY toYYYYMM(submitted_at)
ORDER BY (tenant, source, submitted_at, gateway, hash)
TTL toDateTime(submitted_at) + toIntervalDay({{shares_ttl_days}})
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What upstreams answered to the shares passed on to them. One row per share passed on'
