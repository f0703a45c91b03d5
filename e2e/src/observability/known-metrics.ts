// What PromQL in alert rules, runbooks and dashboards may name: the metrics of docs/metrics.md, which a test holds to the registries,
// with their labels, and what the rules record themselves.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const RULES_DIR = `${ROOT}infra/prometheus/rules/`;

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const ruleFiles = (): string[] => readdirSync(RULES_DIR).filter((name) => name.endsWith('.rules.yml'));

export function allRules(): Rule[] {
  return ruleFiles().flatMap((file) => {
    const { groups } = parse(readFileSync(RULES_DIR + file, 'utf8')) as { groups: { rules: Rule[] }[] };
    return groups.flatMap(({ rules }) => rules);
  });
}

/** What Prometheus gives every series, and the label of the gateway thread's event loop in the standalone. */
const EVERYWHERE = ['job', 'instance', 'thread'];

export class KnownMetrics {
  readonly #labels = new Map<string, ReadonlySet<string>>([
    ['up', new Set(EVERYWHERE)],
    ['ALERTS', new Set(['alertname', 'alertstate', 'severity'])],
  ]);

  constructor() {
    const page = readFileSync(`${ROOT}docs/metrics.md`, 'utf8');
    for (const [, name, type, labels] of page.matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \|/gm)) {
      const own = [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!);
      const known = new Set([...EVERYWHERE, ...own]);
      this.#labels.set(name!, known);
      if (type !== 'histogram') continue;
      this.#labels.set(`${name}_bucket`, new Set([...known, 'le']));
      this.#labels.set(`${name}_sum`, known);
      this.#labels.set(`${name}_count`, known);
    }
    for (const { record } of allRules()) if (record !== undefined) this.#labels.set(record, new Set(EVERYWHERE));
  }

  /** What the expression names and nothing has: metrics, and labels a metric is selected by. */
  unknownIn(expr: string): string[] {
    const unknown: string[] = [];
    const bare = expr.replaceAll(/\{[^}]*\}/g, (selector) => ' '.repeat(selector.length)).replaceAll(/"[^"]*"/g, '');
    for (const [name] of bare.matchAll(/\b(?:assay|nodejs|process)[_:][\w:]+|\b(?:up|ALERTS)\b/g))
      if (!this.#labels.has(name)) unknown.push(name);
    for (const [, name, matchers] of expr.matchAll(/([\w:]+)\{([^}]*)\}/g)) {
      for (const [, label] of matchers!.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
        if (!this.#labels.get(name!)?.has(label!)) unknown.push(`${name}{${label}}`);
    }
    return unknown;
  }

  /** Whether an expression names any metric at all. */
  namesSome(expr: string): boolean {
    return [...this.#labels.keys()].some((name) => expr.includes(name));
  }

  has(name: string): boolean {
    return this.#labels.has(name);
  }
}
