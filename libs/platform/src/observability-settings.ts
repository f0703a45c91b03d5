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
  otlpUrl: setting(
    'ASSAY_OTLP_URL',
    z
      .string()
      .refine((text) => text === '' || (/^https?:\/\//.test(text) && URL.canParse(text)), 'expected http://host:port'),
    '',
    'OpenTelemetry collector that takes traces by OTLP over HTTP, e.g. `http://127.0.0.1:4318`; empty sends none.',
  ),
  traceSample: setting(
    'ASSAY_TRACE_SAMPLE',
    z
      .string()
      .regex(/^\s*[\d.]/, 'expected a number')
      .pipe(z.coerce.number<string>().min(0).max(1)),
    0,
    'Share of blocks that a gateway begins a trace for, 0 to 1; validators and aggregators go on with those.',
  ),
});
