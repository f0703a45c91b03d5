// What one worker did, hour by hour or day by day, as CSV.
import { ClientError } from '../errors.ts';
import { invalidFraction } from '../queries/share-counts.ts';
import { REASONS } from '../queries/rollup-sums.ts';
import { planRange } from '../series/range-plan.ts';
import { seriesPoints } from '../series/series-points.ts';
import { csvLine, csvTime } from './csv.ts';
import { CSV_TYPE, namePart, type Download, type DownloadRequest } from './download.ts';

const COLUMNS = [
  'worker',
  'from',
  'until',
  'hash_rate',
  'hash_rate_low',
  'hash_rate_high',
  'uptime',
  'accepted_shares',
  'rejected_shares',
  'invalid_fraction',
  ...REASONS.map((reason) => `rejected_${reason}`),
] as const;

/** A step for each hour of two months, or each day of ten years. */
const MAX_POINTS = 1500;
const MAX_DAYS = 3660;
const DAY_US = 86_400e6;

export async function historyCsv({ params, moment, ports, spend }: DownloadRequest): Promise<Download> {
  const name = params.required('worker');
  const days = params.whole('days', 1, MAX_DAYS, 30);
  spend(MAX_POINTS * COLUMNS.length);
  const facts = (await moment.snapshot()).byName.get(name);
  if (facts === undefined) throw new ClientError('NOT_FOUND', 'There is no such worker that you may see.');
  const nowUs = ports.clock.nowUs();
  const plan = planRange(
    {
      from: Math.max(0, nowUs - days * DAY_US),
      to: nowUs,
      maxPoints: Math.min(MAX_POINTS, days > 60 ? days + 1 : days * 24 + 1),
    },
    nowUs,
    ports.retention,
  );
  const [steps, uptime] = await Promise.all([moment.series(facts, plan), moment.seriesUptime(facts, plan)]);
  const points = seriesPoints(plan, steps, facts.algorithm, facts.difficulty, nowUs);
  const lines = points.map(({ atSeconds, rate, accepted, rejected, reasons }, i) =>
    csvLine([
      name,
      csvTime(atSeconds * 1e6),
      csvTime((atSeconds + plan.stepSeconds) * 1e6),
      rate.hashRateHs,
      rate.lowHs,
      rate.highHs,
      uptime[i],
      accepted,
      rejected,
      invalidFraction({ accepted, rejected, reasons }),
      ...reasons,
    ]),
  );
  return {
    fileName: `assay-${namePart(name)}.csv`,
    contentType: CSV_TYPE,
    chunks: pieces([csvLine(COLUMNS), ...lines]),
  };
}

async function* pieces(lines: readonly string[]): AsyncIterable<string> {
  yield lines.join('');
}
