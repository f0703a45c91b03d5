// Every setting of the aggregator.
import { defineSettings, setting, whole, type SettingsOf } from '@assay/platform';

export const aggregatorSettings = defineSettings({
  batchShares: setting(
    'ASSAY_BATCH_SHARES',
    whole(1, 1_000_000),
    50_000,
    'Shares (or events, or other records) at which a batch for ClickHouse is full; the last block may reach beyond it.',
  ),
  batchBytes: setting(
    'ASSAY_BATCH_BYTES',
    whole(65_536, 268_435_456),
    33_554_432,
    'Bytes of records at which a batch for ClickHouse is full.',
  ),
  batchLingerMs: setting(
    'ASSAY_BATCH_LINGER_MS',
    whole(0, 4_000),
    800,
    'How long a batch that is not full waits for more shares, milliseconds: shorter is fresher, longer makes fewer inserts.',
  ),
});

export type AggregatorConfig = SettingsOf<typeof aggregatorSettings>;
