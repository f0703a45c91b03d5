// Upstream pools and nodes that have given no job for longer than a rule allows: what gateways took over says so, whichever of them is asked.
import type { Finding } from '@assay/alerting';
import type { AnalyticsStore } from '@assay/analytics';
import { EVERY_TENANT, type ControlState } from '@assay/tenancy';

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
  /** The sources that were said to be down, by rule. */
  readonly #down = new Map<string, Set<string>>();

  constructor(store: AnalyticsStore, state: ControlState) {
    this.#store = store;
    this.#state = state;
  }

  /** What has changed, and with `fresh` all that is down. Throws AnalyticsError. */
  async findings(nowUs: number, fresh: boolean, signal: AbortSignal): Promise<Finding[]> {
    const rules = [...this.#state.all('alert_rule')].filter(
      ({ body }) => body.enabled && body.looksFor.kind === 'upstream_down',
    );
    const ids = new Set(rules.map(({ id }) => id));
    for (const id of this.#down.keys()) if (!ids.has(id)) this.#down.delete(id);
    if (rules.length === 0) return [];
    const since = Math.floor(nowUs - USED_HOURS * 60 * MINUTE_US);
    type Row = { readonly source: string; readonly last_us: number };
    const sources = await this.#store.query<Row>(SQL, { since }, { signal });
    return rules.flatMap(({ id, body: { looksFor, severity } }) => {
      const minutes = (looksFor.kind === 'upstream_down' ? looksFor.minutes : undefined) ?? DEFAULT_MINUTES;
      const before = this.#down.get(id) ?? new Set();
      const silent = sources.filter(({ last_us }) => nowUs - last_us > minutes * MINUTE_US);
      const down = new Set(silent.map(({ source }) => source));
      this.#down.set(id, down);
      const news = [...down].filter((source) => fresh || !before.has(source));
      const over = [...before].filter((source) => !down.has(source));
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
        ...news.map((source) => finding('firing', source, `No job from ${source} for ${minutes} minutes.`)),
        ...over.map((source) => finding('ok', source, `${source} gives jobs again, or is not used any more.`)),
      ];
    });
  }
}
