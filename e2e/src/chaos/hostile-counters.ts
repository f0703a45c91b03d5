// Which counters each attack must move, and how to read them from the pool's metrics.
import type { AttackName } from './hostile-attacks.ts';

/** Value by sample, as Prometheus writes it: name and labels. */
export type Counters = ReadonlyMap<string, number>;

const GATEWAY = 'assay_stratum_gateway_';
const closed = (reason: string): string => `${GATEWAY}closes_total{reason="${reason}"}`;
const rejected = (reason: string): string => `${GATEWAY}shares_total{verdict="rejected",reason="${reason}"}`;

const SHOWN_BY: Readonly<Record<AttackName, readonly string[]>> = {
  'malformed JSON': [`${GATEWAY}malformed_lines_total`, closed('not_stratum')],
  '1 MB lines': [closed('line_too_long')],
  'binary noise': [`${GATEWAY}malformed_lines_total`],
  'half-open connections': [closed('handshake_timeout')],
  slowloris: [closed('slow_line')],
  'connection flood': [closed('banned'), `${GATEWAY}bans_total`],
  'unknown methods': [`${GATEWAY}unknown_methods_total`],
  'wrong types': [rejected('malformed'), `${GATEWAY}malformed_lines_total`],
  'duplicate shares': [rejected('duplicate')],
  'invalid shares': [rejected('low_difficulty'), rejected('unknown_job'), rejected('ntime_out_of_range')],
  'submit flood': [rejected('rate_limited')],
  'TLS handshake flood': [closed('tls_failed')],
  'TLS silence': [closed('tls_timeout')],
  'secret guessing': [`${GATEWAY}wrong_secrets_total`, closed('wrong_secrets')],
};

export function readCounters(text: string): Counters {
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    counters.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return counters;
}

/** Throws when there is no such sample: a counter that is gone must not look like one that stands still. */
export function counterOf(counters: Counters, name: string): number {
  const value = counters.get(name);
  if (value === undefined) throw new Error(`the metrics have no ${name}`);
  return value;
}

/** The attacks that a counter of theirs does not show, each with that counter. @param grown by how much a counter rose during the attack */
export function unseenAttacks(grown: (name: string) => number): string[] {
  const unseen = Object.entries(SHOWN_BY).map(
    ([attack, names]) => [attack, names.filter((name) => grown(name) <= 0)] as const,
  );
  return unseen.filter(([, names]) => names.length > 0).map(([attack, names]) => `${attack} (${names.join(', ')})`);
}
