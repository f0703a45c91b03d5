// Upstreams of the sample server: a pool in order, its backup that refuses too much, and a node that was passed on nothing yet.

interface SampleUpstream {
  readonly source: string;
  readonly endpoint: string;
  readonly credited: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly hashRate: number;
  readonly latencyMs: number;
  readonly creditedSecondsAgo: number;
}

const UPSTREAMS: readonly SampleUpstream[] = [
  {
    source: 'main',
    endpoint: 'btc.pool.example:3333',
    credited: 28_311,
    rejected: 12,
    unanswered: 0,
    reasons: { '21 Job not found': 12 },
    hashRate: 7.02e15,
    latencyMs: 84,
    creditedSecondsAgo: 3,
  },
  {
    source: 'main',
    endpoint: 'backup-with-a-rather-long-name.pool.example:3333',
    credited: 812,
    rejected: 41,
    unanswered: 3,
    reasons: { '23 Low difficulty share': 40, '21 Job not found': 1 },
    hashRate: 2.1e14,
    latencyMs: 1312,
    creditedSecondsAgo: 5400,
  },
  {
    source: 'node',
    endpoint: '10.0.0.7:8332',
    credited: 0,
    rejected: 0,
    unanswered: 1,
    reasons: {},
    hashRate: 0,
    latencyMs: 0,
    creditedSecondsAgo: 0,
  },
];

export function sampleUpstreams(nowMs: number): object[] {
  return UPSTREAMS.map(
    ({ source, endpoint, credited, rejected, unanswered, reasons, hashRate, latencyMs, creditedSecondsAgo }) => {
      const answers = credited + rejected;
      const rate = { hashRate, low: hashRate * 0.98, high: hashRate * 1.02 };
      return {
        source,
        endpoint,
        verified: 16 * (answers + unanswered),
        qualifying: answers + unanswered,
        passedOn: answers + unanswered,
        credited,
        rejected,
        unanswered,
        unsent: 0,
        rejectedFraction: answers === 0 ? null : rejected / answers,
        byReason: Object.entries(reasons).map(([reason, count]) => ({ reason, count })),
        verifiedHashRate: { hashRate: hashRate * 1.01, low: hashRate, high: hashRate * 1.02 },
        passedOnHashRate: { hashRate: hashRate * 1.01, low: hashRate, high: hashRate * 1.02 },
        creditedHashRate: rate,
        latencyP50Ms: answers === 0 ? null : latencyMs / 3,
        latencyP99Ms: answers === 0 ? null : latencyMs,
        lastCreditedAt: answers === 0 ? null : new Date(nowMs - creditedSecondsAgo * 1000).toISOString(),
        blockCandidates: 0,
      };
    },
  );
}
