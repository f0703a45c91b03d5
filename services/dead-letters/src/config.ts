// Settings of the dead-letter tool.
import { defineSettings, setting } from '@assay/platform';
import { z } from 'zod';

export const deadLettersSettings = defineSettings({
  dataDir: setting('ASSAY_DATA_DIR', z.string().min(1), './data', 'Directory of the share log and of ClickHouse.'),
});
