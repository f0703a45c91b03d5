-- What was verified beside what the upstream credited, share by share: every share that reaches its upstream's difficulty, whether
-- passed on or not, and every share passed on, whether verified or not. The job of a share is the last of its content that its gateway
-- gave out before it. Filter by submitted_at, which reaches down to both tables.
CREATE VIEW IF NOT EXISTS assay.upstream_ledger
(
    tenant String COMMENT 'First segment of the username',
    worker String COMMENT 'Full username',
    gateway String COMMENT 'The gateway that took the share',
    submitted_at DateTime64(6, 'UTC') COMMENT 'When the gateway read it from the socket, UTC',
    hash String COMMENT 'Block hash of the share',
    source String COMMENT 'Name of the job source',
    endpoint String COMMENT 'Which of its upstreams: of the job, or the one the share was passed on to',
    account String COMMENT 'Under whose name it was passed on, empty when it was not',
    job_hash String COMMENT 'assay.jobs.hash of the job',
    upstream_difficulty Float64 COMMENT 'What the share is worth upstream, in difficulty',
    difficulty Float64 COMMENT 'Difficulty we had assigned, 0 when the share is not in assay.shares',
    share_difficulty Float64 COMMENT 'Difficulty the hash achieved, 0 when the share is not in assay.shares',
    verified UInt8 COMMENT '1 when the validator proved and accepted it',
    upstream_verdict String COMMENT 'accepted, rejected, unanswered or unsent; empty when it was not passed on',
    upstream_reason String COMMENT 'Why, as the upstream said it',
    attempts UInt32 COMMENT 'How many times it was passed on',
    answer_ms Nullable(Float64) COMMENT 'From passing it on to the answer, milliseconds',
    block_candidate UInt8 COMMENT '1 when the hash meets the network target',
    standing String COMMENT 'credited, rejected, unanswered, unsent, not_forwarded (verified, and the upstream never got it) or not_verified (passed on, and the validator did not accept it or has not seen it yet)'
)
AS SELECT
    tenant,
    worker,
    gateway,
    submitted_at,
    hash,
    if(max(forwarded) = 1, anyIf(l.source, l.forwarded = 1), any(l.source)) AS source,
    if(max(forwarded) = 1, anyIf(l.endpoint, l.forwarded = 1), any(l.endpoint)) AS endpoint,
    max(l.account) AS account,
    any(l.job_hash) AS job_hash,
    if(max(forwarded) = 1, anyIf(l.upstream_difficulty, l.forwarded = 1), any(l.upstream_difficulty)) AS upstream_difficulty,
    max(l.difficulty) AS difficulty,
    max(l.share_difficulty) AS share_difficulty,
    max(l.verified) AS verified,
    max(l.verdict) AS upstream_verdict,
    max(l.reason) AS upstream_reason,
    max(l.attempts) AS attempts,
    max(l.answer_ms) AS answer_ms,
    max(l.block_candidate) AS block_candidate,
    multiIf(verified = 0, 'not_verified', upstream_verdict = '', 'not_forwarded', upstream_verdict = 'accepted', 'credited', upstream_verdict) AS standing
FROM
(
    SELECT
        toString(s.tenant) AS tenant, toString(s.worker) AS worker, toString(s.gateway) AS gateway, s.submitted_at AS submitted_at, s.hash AS hash,
        j.source AS source, j.endpoint AS endpoint, '' AS account, toString(s.job_hash) AS job_hash, j.upstream_difficulty AS upstream_difficulty,
        s.difficulty AS difficulty, s.share_difficulty AS share_difficulty, toUInt8(s.verdict = 'accepted') AS verified, toUInt8(0) AS forwarded,
        '' AS verdict, '' AS reason, toUInt32(0) AS attempts, CAST(NULL, 'Nullable(Float64)') AS answer_ms, s.block_candidate AS block_candidate
    FROM assay.shares AS s
    ASOF INNER JOIN
    (
        SELECT toString(gateway) AS gateway, job_hash, at, toString(source) AS source, toString(endpoint) AS endpoint, upstream_difficulty
        FROM assay.upstream_jobs
    ) AS j ON j.gateway = s.gateway AND j.job_hash = s.job_hash AND s.submitted_at >= j.at
    WHERE s.share_difficulty >= j.upstream_difficulty AND (s.verdict = 'accepted' OR s.gateway_reject_reason = '')
    UNION ALL
    SELECT
        toString(tenant), toString(worker), toString(gateway), submitted_at, hash,
        toString(source), toString(endpoint), toString(account), toString(job_hash), upstream_difficulty,
        0, 0, toUInt8(0), toUInt8(1),
        toString(verdict), toString(reason), attempts, answer_ms, block_candidate
    FROM assay.upstream_shares FINAL
) AS l
GROUP BY tenant, worker, gateway, submitted_at, hash
