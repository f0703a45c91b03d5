// The Grafana dashboards as their files say, and what Grafana would make of a query before it sends it: its variables and the macros of
// the ClickHouse data source put in, as its documentation has them. Grafana itself does not run here.
import { readdirSync, readFileSync } from 'node:fs';
import { ROOT } from './known-metrics.ts';

const DIR = `${ROOT}infra/grafana/dashboards/`;

export interface Datasource {
  readonly type: string;
  readonly uid: string;
}

export interface Target {
  readonly refId: string;
  readonly datasource: Datasource;
  readonly expr?: string;
  readonly rawSql?: string;
  /** Of the ClickHouse data source: 0 is a time series, 1 a table. */
  readonly format?: number | string;
  readonly queryType?: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Datasource;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
}

export interface Variable {
  readonly name: string;
  readonly datasource: Datasource;
  readonly definition: string;
  readonly query: { readonly rawSql: string };
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

export const dashboards: readonly Dashboard[] = readdirSync(DIR)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(DIR + name, 'utf8')) as Dashboard);

/** Every query of one kind, by `dashboard: panel`. */
export function queries(kind: 'expr' | 'rawSql'): [name: string, query: string, target: Target][] {
  return dashboards.flatMap(({ title, panels }) =>
    panels.flatMap((panel) =>
      (panel.targets ?? []).flatMap((target): [string, string, Target][] => {
        const query = target[kind];
        return query === undefined
          ? []
          : [[`${title}: ${panel.title}${target.refId === 'A' ? '' : ` ${target.refId}`}`, query, target]];
      }),
    ),
  );
}

/** PromQL as Prometheus gets it. */
export const promQl = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '3h').replaceAll('$__interval', '15s');

export interface View {
  readonly fromS: number;
  readonly toS: number;
  readonly intervalS: number;
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/** SQL as ClickHouse gets it. Throws when something of Grafana's is left in it. */
export function sql(query: string, { fromS, toS, intervalS, variables }: View): string {
  const [from, to] = [`toDateTime(${fromS})`, `toDateTime(${toS})`];
  const text = query
    .replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) => variables[name]!.map((value) => `'${value}'`).join(','))
    .replaceAll(/\$__timeFilter\(([^)]+)\)/g, `($1 >= ${from} AND $1 <= ${to})`)
    .replaceAll(/\$__timeInterval\(([^)]+)\)/g, `toStartOfInterval(toDateTime($1), INTERVAL ${intervalS} second)`)
    .replaceAll('$__fromTime', from)
    .replaceAll('$__toTime', to)
    .replaceAll('$__interval_s', String(intervalS));
  if (text.includes('$')) throw new Error(`something of Grafana's is left: ${text}`);
  return text;
}
