// The tracer that the settings ask for. OpenTelemetry is loaded only where there is a collector.
import type { Registry } from 'prom-client';
import type { Logger } from './logger.ts';
import type { observabilitySettings } from './observability-settings.ts';
import { version } from './process-metrics.ts';
import { SettingsError, type SettingsOf } from './settings.ts';
import { noTracer, type Tracer } from './trace.ts';

const TRACES_PATH = '/v1/traces';

/** Throws SettingsError when blocks are to be sampled and there is nowhere to send traces. */
export async function startTracer(
  { otlpUrl, traceSample }: Pick<SettingsOf<typeof observabilitySettings>, 'otlpUrl' | 'traceSample'>,
  { service, logger, registry }: { readonly service: string; readonly logger: Logger; readonly registry: Registry },
): Promise<Tracer> {
  if (otlpUrl === '') {
    if (traceSample > 0)
      throw new SettingsError(`ASSAY_TRACE_SAMPLE=${traceSample} needs ASSAY_OTLP_URL, where traces are sent.`);
    return noTracer;
  }
  const { createOtlpTracer } = await import('./otlp-tracer.ts');
  const url = new URL(otlpUrl);
  if (url.pathname === '/') url.pathname = TRACES_PATH;
  return createOtlpTracer({ url: url.href, sample: traceSample, service, version, logger, registry });
}
