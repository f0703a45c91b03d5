// What the reject burst detector knew of a partition at an offset, read back from ClickHouse: the stored shares below the offset,
// minute by minute, and the bursts that were told. A batch that is only half written does not show: its offsets lie above.
import type { AnalyticsStore } from '@assay/analytics';
import type { Clock } from '@assay/kernel';
import { MICROS_PER_HOUR, MICROS_PER_MINUTE } from '@assay/kernel';
import { REJECT_REASONS } from '@assay/mining';
import type { PartitionOffset } from './pipeline-ports.ts';
import { BURST_MEMORY_MINUTES } from './reject-bursts.ts';
import type { BurstHistory } from './reject-bursts.ts';

interface MinuteRow {
  readonly worker: string;
  readonly minute: number;
  readonly accepted: number;
  readonly reasons: readonly string[];
  readonly counts: readonly number[];
}

const MINUTES_SQL = `
SELECT s.worker AS worker, s.minute AS minute, sumIf(s.shares, s.reason = '') AS accepted,
  groupArrayIf(s.reason, s.reason != '') AS reasons, groupArrayIf(s.shares, s.reason != '') AS counts
FROM
(
  SELECT toString(worker) AS worker, toString(reject_reason) AS reason, toFloat64(count()) AS shares,
    toUInt32(intDiv(toUnixTimestamp64Micro(submitted_at), ${MICROS_PER_MINUTE})) AS minute
  FROM assay.shares
  WHERE submitted_at >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC') AND log_partition = {partition:UInt32} AND log_offset < {offset:UInt64}
  GROUP BY worker, reason, minute
) AS s
GROUP BY worker, minute
ORDER BY minute`;

const TOLD_SQL = `
SELECT toString(worker) AS worker, toUInt32(intDiv(toUnixTimestamp64Micro(at), ${MICROS_PER_MINUTE})) AS minute
FROM assay.events
WHERE type = 'reject_burst' AND at >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')`;

/** @param offset the next offset the detector will see. Throws AnalyticsError. */
export async function readBurstHistory(
  store: AnalyticsStore,
  clock: Clock,
  { partition, offset }: PartitionOffset,
): Promise<BurstHistory> {
  const minute = Math.floor(clock.nowUs() / MICROS_PER_MINUTE);
  const params = { from_us: (minute - BURST_MEMORY_MINUTES) * MICROS_PER_MINUTE, partition, offset };
  const minutes = await store.query<MinuteRow>(MINUTES_SQL, params);
  const told = await store.query<BurstHistory['told'][number]>(TOLD_SQL, {
    from_us: minute * MICROS_PER_MINUTE - MICROS_PER_HOUR,
  });
  return {
    told,
    minutes: minutes.map(({ reasons, counts, ...row }) => ({
      ...row,
      rejected: REJECT_REASONS.map((reason) => counts[reasons.indexOf(reason)] ?? 0),
    })),
  };
}
