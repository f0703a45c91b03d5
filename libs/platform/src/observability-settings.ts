// Settings of what a process shows of itself; the same in every service.
import { z } from 'zod';
import { defineSettings, setting } from './settings.ts';

export const observabilitySettings = defineSettings({
  buildCommit: setting(
    'ASSAY_BUILD_COMMIT',
    z.string().max(64),
    '',
    'Commit the running build was made from, shown by the metric `assay_build_info`.',
  ),
});
