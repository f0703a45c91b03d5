// What /readyz answers, as metrics, so that an alert can tell of it. A check that takes its time holds up no scrape: the answer of the
// scrape before is shown meanwhile.
import { Gauge, type Registry } from 'prom-client';
import type { ReadyReport } from './running-service.ts';
import { withinPatience } from './within-patience.ts';

export function registerReadyMetrics(registry: Registry, readiness: () => Promise<ReadyReport>): void {
  let report: ReadyReport = { ready: false, checks: {} };
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    try {
      report = await readiness();
    } catch {
      report = { ready: false, checks: {} };
    }
  };
  const current = async (): Promise<ReadyReport> => {
    asking ??= ask().finally(() => (asking = undefined));
    await withinPatience(asking);
    return report;
  };
  new Gauge({
    name: 'assay_ready',
    help: 'Whether the process is ready, as /readyz says: 1 or 0.',
    registers: [registry],
    async collect() {
      this.set((await current()).ready ? 1 : 0);
    },
  });
  new Gauge({
    name: 'assay_check_ok',
    help: 'Whether a check of /readyz says ok: 1 or 0. The process may be ready all the same.',
    labelNames: ['check'],
    registers: [registry],
    async collect() {
      const { checks } = await current();
      this.reset();
      for (const [check, state] of Object.entries(checks)) this.set({ check }, state === 'ok' ? 1 : 0);
    },
  });
}
