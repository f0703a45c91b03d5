// The rules most pools want, for one click.
import type { RuleInput } from './alerting-documents.ts';
import { RULE_KINDS } from './rule-kinds.ts';

export interface Preset {
  readonly name: string;
  readonly says: string;
  readonly rule: RuleInput;
}

export const PRESETS: readonly Preset[] = [
  {
    name: 'A machine is offline',
    says: 'No connection for three minutes, or no share for longer than chance allows. About one false alarm per machine and year.',
    rule: { looksFor: { kind: 'OFFLINE' }, severity: 'WARNING', forSeconds: 0, clearForSeconds: 120 },
  },
  {
    name: 'Rate below expectation',
    says: 'A machine that lastingly earns less than 97 % of what is expected. Slow losses take hours to be told from luck; about one false alarm per machine and year.',
    rule: {
      looksFor: { kind: 'RATE_BELOW_EXPECTED', falseAlarmsPerWorkerYear: 1, tolerance: 0.03 },
      severity: 'WARNING',
      forSeconds: 0,
      clearForSeconds: 600,
    },
  },
  {
    name: 'Whole site or rack down',
    says: 'All machines of a rack or a site silent at once: known within a minute or two, and told as one. It costs no false alarms of single machines, since all must be silent together.',
    rule: { looksFor: { kind: 'PLACE_DOWN' }, severity: 'CRITICAL', forSeconds: 0, clearForSeconds: 120 },
  },
  {
    name: 'Nothing arrives any more',
    says: 'No share of any machine of the tenant: gateways or the network are down.',
    rule: { looksFor: { kind: 'GATEWAYS_SILENT' }, severity: 'CRITICAL', forSeconds: 0, clearForSeconds: 120 },
  },
  {
    name: 'More stale shares',
    says: 'More shares come too late than usual: slow network or firmware. About one false alarm per machine and year.',
    rule: { looksFor: { kind: 'STALE_UP' }, severity: 'INFO', forSeconds: 300, clearForSeconds: 600 },
  },
  {
    name: 'Slow to answer',
    says: 'A machine takes more than half a second to answer, three minutes in a row. No promise about chance: raise the limit for lines that are long.',
    rule: { looksFor: { kind: 'LATENCY_UP', limitMs: 500 }, severity: 'INFO', forSeconds: 0, clearForSeconds: 0 },
  },
  {
    name: 'A gateway that is disagreed with',
    says: 'Validators judge shares otherwise than a gateway did: it is broken, out of date, or lies. One share is enough.',
    rule: { looksFor: { kind: 'INTEGRITY' }, severity: 'CRITICAL', forSeconds: 0, clearForSeconds: 0 },
  },
];

/** Those about the pool's own parts belong to the pool, and to no tenant. */
export function presetsFor(tenant: string): readonly Preset[] {
  return PRESETS.filter(({ rule }) => tenant === '*' || !RULE_KINDS[rule.looksFor!.kind]?.isOfPool);
}
