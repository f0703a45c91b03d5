// Every setting of the validator, with its bound and its default.
import { defineSettings, setting, whole, type SettingsOf } from '@assay/platform';

export const validatorSettings = defineSettings({
  maxNtimeAheadSeconds: setting(
    'ASSAY_MAX_NTIME_AHEAD_SECONDS',
    whole(0, 1_000_000),
    7000,
    "How far a share's ntime may be ahead of its job's, seconds.",
  ),
  duplicateWindowShares: setting(
    'ASSAY_VALIDATOR_DUPLICATE_WINDOW_SHARES',
    whole(1, 16_777_216),
    262_144,
    'Proven shares remembered per partition, so that none counts twice; 32 bytes each.',
  ),
  duplicateWindowRecords: setting(
    'ASSAY_VALIDATOR_DUPLICATE_WINDOW_RECORDS',
    whole(1, 1_000_000),
    16_384,
    'Share blocks over which they are remembered, read again at a start.',
  ),
  readRecords: setting(
    'ASSAY_VALIDATOR_READ_RECORDS',
    whole(1, 10_000),
    256,
    'Share blocks taken from the log at once.',
  ),
  readBytes: setting(
    'ASSAY_VALIDATOR_READ_BYTES',
    whole(1_000, 64_000_000),
    2_000_000,
    'Bytes of share blocks taken from the log at once.',
  ),
  lingerMs: setting(
    'ASSAY_VALIDATOR_LINGER_MS',
    whole(0, 1_000),
    50,
    'Time from one read of a partition to the next while little comes, milliseconds: what came meanwhile is judged and written at once.',
  ),
  maxRecordBytes: setting(
    'ASSAY_VALIDATOR_MAX_RECORD_BYTES',
    // A gateway's largest block, 1,024 shares of as many workers for eight jobs of 17 KB, takes some 530 KB: with less room than
    // that, shares that were acknowledged would be set aside.
    whole(600_000, 4_000_000),
    1_000_000,
    'Largest verified block and largest append, bytes; a larger block goes to `shares.dead`.',
  ),
});

export type ValidatorConfig = SettingsOf<typeof validatorSettings>;
