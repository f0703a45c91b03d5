// Upstream pools and nodes that have given no job for longer than a rule allows: what gateways took over says so, whichever of them is asked.
import type { Finding } from '@assay/alerting';
import type { AnalyticsStore } from '@assay/analytics';
import { EVERY_TENANT, type ControlState } from '@assay/tenancy';
import { PartsInTrouble } from './parts-in-trouble.ts';

const DEFAULT_MINUTES = 5;
/** A source that gave no job for so long is not used any more. */
const USED_HOURS = 24;
const MINUTE_US = 60_000_000;

// A job source that is named in the jobs file and never gave a job was never up; the gateways' own readiness tells of that.
const SQL = `
SELECT toString(source) AS source, toFloat64(toUnixTimestamp64Micro(max(at))) AS last_us
FROM assay.upstream_jobs
WHERE at >= fromUnixTimestamp64Micro({since:Int64})
GROUP BY source`;

export class UpstreamWatch {
  readonly #store: AnalyticsStore;
  readonly #state: ControlState;
  readonly #down = new PartsInTrouble();

  constructor(store: AnalyticsStore, state: ControlState) {
    this.#store = store;
    this.#state = state;
  }

  /** What has changed, and with `fresh` all that is down. Throws AnalyticsError. */
  async findings(nowUs: number, fresh: boolean, signal: AbortSignal): Promise<Finding[]> {
    const rules = [...this.#state.all('alert_rule')].filter(
      // Upstreams are the pool's: a tenant's rule is not told of them.
      ({ body }) => body.enabled && body.tenant === EVERY_TENANT && body.looksFor.kind === 'upstream_down',
    );
    this.#down.keep(rules.map(({ id }) => id));
    if (rules.length === 0) return [];
    const since = Math.floor(nowUs - USED_HOURS * 60 * MINUTE_US);
    type Row = { readonly source: string; readonly last_us: number };
    const sources = await this.#store.query<Row>(SQL, { since }, { signal });
    return rules.flatMap(({ id, body: { looksFor, severity } }) => {
      const minutes = (looksFor.kind === 'upstream_down' ? looksFor.minutes : undefined) ?? DEFAULT_MINUTES;
      const silent = sources.filter(({ last_us }) => nowUs - last_us > minutes * MINUTE_US);
      const { began, over } = this.#down.news(
        id,
        silent.map(({ source }) => source),
        fresh,
      );
      const finding = (verdict: Finding['verdict'], source: string, what: string): Finding => ({
        rule: id,
        kind: 'upstream_down',
        severity,
        subject: { tenant: EVERY_TENANT, site: '', rack: '', worker: '' },
        traits: { upstream: source },
        atUs: nowUs,
        verdict,
        evidence: { what },
      });
      return [
        ...began.map((source) => finding('firing', source, `No job from ${source} for ${minutes} minutes.`)),
        ...over.map((source) => finding('ok', source, `${source} gives jobs again, or is not used any more.`)),
      ];
    });
  }
}
