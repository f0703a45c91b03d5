// Gateways whose shares validators judged otherwise than they did: events of the kind say so, and so long after the last of them it is over.
// Shares that were merely counted already do not count here: an append made again after an outage brings them about, and Prometheus' rules
// tell of them.
import type { Finding } from '@assay/alerting';
import type { AnalyticsStore } from '@assay/analytics';
import { MICROS_PER_MINUTE } from '@assay/kernel';
import { EVERY_TENANT, type ControlState } from '@assay/tenancy';
import { PartsInTrouble } from './parts-in-trouble.ts';

const DEFAULT_QUIET_MINUTES = 15;

// Events of the pool's own have no tenant.
const SQL = `
SELECT toString(gateway) AS name, toFloat64(toUnixTimestamp64Micro(max(at))) AS last_us, arrayStringConcat(arraySort(groupUniqArray(toString(reason))), ', ') AS reasons,
       toFloat64(sum(accepted)) AS refuted, toFloat64(sum(rejected)) AS missed
FROM assay.events
WHERE tenant = '' AND type = 'integrity' AND reason != 'duplicate' AND at >= fromUnixTimestamp64Micro({since:Int64})
GROUP BY gateway`;

interface Row {
  readonly name: string;
  readonly last_us: number;
  readonly reasons: string;
  /** Shares that the gateway accepted and the validator rejected. */
  readonly refuted: number;
  /** The other way round. */
  readonly missed: number;
}

export class IntegrityWatch {
  readonly #store: AnalyticsStore;
  readonly #state: ControlState;
  readonly #disagreeing = new PartsInTrouble();

  constructor(store: AnalyticsStore, state: ControlState) {
    this.#store = store;
    this.#state = state;
  }

  /** What has changed, and with `fresh` all gateways that are disagreed with. Throws AnalyticsError. */
  async findings(nowUs: number, fresh: boolean, signal: AbortSignal): Promise<Finding[]> {
    const rules = [...this.#state.all('alert_rule')].flatMap(({ id, body: { enabled, tenant, looksFor, severity } }) =>
      enabled && tenant === EVERY_TENANT && looksFor.kind === 'integrity'
        ? [{ id, severity, quietUs: (looksFor.minutes ?? DEFAULT_QUIET_MINUTES) * MICROS_PER_MINUTE }]
        : [],
    );
    this.#disagreeing.keep(rules.map(({ id }) => id));
    if (rules.length === 0) return [];
    const since = Math.floor(nowUs - Math.max(...rules.map(({ quietUs }) => quietUs)));
    const gateways = await this.#store.query<Row>(SQL, { since }, { signal });
    const byName = new Map(gateways.map((row) => [row.name, row]));
    return rules.flatMap(({ id, severity, quietUs }) => {
      const disagreeing = gateways.filter(({ last_us }) => nowUs - last_us <= quietUs).map(({ name }) => name);
      const { began, over } = this.#disagreeing.news(id, disagreeing, fresh);
      const finding = (verdict: Finding['verdict'], gateway: string, what: string): Finding => ({
        rule: id,
        kind: 'integrity',
        severity,
        subject: { tenant: EVERY_TENANT, site: '', rack: '', worker: '' },
        traits: { gateway },
        atUs: nowUs,
        verdict,
        evidence: { what },
      });
      return [
        ...began.map((gateway) => finding('firing', gateway, words(byName.get(gateway)!))),
        ...over.map((gateway) =>
          finding('ok', gateway, `No disagreement with ${gateway} for ${quietUs / MICROS_PER_MINUTE} minutes.`),
        ),
      ];
    });
  }
}

function words({ name, refuted, missed, reasons }: Row): string {
  const parts = [
    ...(refuted > 0 ? [`${refuted} shares it accepted are rejected`] : []),
    ...(missed > 0 ? [`${missed} shares it rejected are good`] : []),
  ];
  return `Validators disagree with ${name}: ${parts.join(', ')} (${reasons}).`;
}
