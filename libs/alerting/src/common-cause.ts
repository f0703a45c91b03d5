// What many alerts have in common. A cause explains an alert when the alert's subject lies within it; it is worth naming when enough of its
// workers are in trouble at once. The more it explains the better, and the fewer of its workers are well: an upstream of which two thirds
// are in trouble explains less than the site of which all are. Of the causes that explain nearly as much as the best one does, the smallest
// is named: a rack rather than the site that holds nothing else in trouble.
import {
  CAUSE_DIMENSIONS,
  type Cause,
  type CauseDimension,
  type RuleKind,
  type Subject,
  type Traits,
} from './alert.ts';

export interface GroupingRule {
  /** At least so many workers of the cause must be in trouble. */
  readonly leastWorkers: number;
  /** And at least this share of all its workers, 0 to 1. */
  readonly leastShare: number;
  /** A smaller cause is preferred when it explains at least this share of what the best one explains. */
  readonly nearlyAsMuch: number;
}

export const DEFAULT_GROUPING: GroupingRule = { leastWorkers: 5, leastShare: 0.6, nearlyAsMuch: 0.9 };

/** A worker as grouping sees it. */
export interface FleetMember {
  readonly subject: Subject;
  readonly traits: Traits;
}

/** How many workers each cause has. */
export interface Fleet {
  size(cause: Cause): number;
}

/** Counts the workers of every rack, site, gateway, upstream, user agent and tenant. */
export function countFleet(members: Iterable<FleetMember>): Fleet {
  const sizes = new Map<string, number>();
  for (const { subject, traits } of members) {
    for (const cause of causesOf(subject, traits)) {
      const key = causeKey(cause);
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
  }
  return { size: (cause) => sizes.get(causeKey(cause)) ?? 0 };
}

/** Kinds that one cause brings about together: a site without power makes workers go offline, send nothing and earn less. */
export function kindClass(kind: RuleKind): string {
  switch (kind) {
    case 'offline':
    case 'no_shares':
    case 'rate_below_expected':
    case 'rate_threshold':
    case 'flapping':
    case 'place_down':
    case 'upstream_down':
    case 'gateways_silent':
      return 'loss';
    case 'invalid_up':
    case 'stale_up':
    case 'latency_up':
    case 'integrity':
      return kind;
  }
}

export interface InTrouble {
  readonly subject: Subject;
  readonly traits: Traits;
}

export interface Explained<T> {
  readonly cause: Cause;
  readonly members: readonly T[];
  /** Distinct workers in trouble, told of before or not, and all workers of the cause. */
  readonly workers: number;
  readonly of: number;
}

/**
 * Takes groups out of `due`, the best first, until no cause is worth naming; what is left stands alone.
 * @param due of one tenant and one class, to be told now.
 * @param all in trouble of that tenant and class, `due` among them.
 * @param known causes that were named already: who comes later joins them, while they are still worth naming.
 */
export function explain<T extends InTrouble>(
  due: readonly T[],
  all: readonly InTrouble[],
  fleet: Fleet,
  rule: GroupingRule,
  known: readonly Cause[] = [],
): { readonly groups: readonly Explained<T>[]; readonly alone: readonly T[] } {
  const groups: Explained<T>[] = [];
  let alone = due;
  const take = (best: Explained<T>): void => {
    groups.push(best);
    const taken = new Set(best.members);
    alone = alone.filter((member) => !taken.has(member));
  };

  const causes = new Causes();
  const keysOfKnown = new Set(known.map(causeKey));
  const isKnown = (cause: Cause): boolean => keysOfKnown.has(causeKey(cause));
  const everywhere = workersByCause(all, causes);
  for (;;) {
    const best = bestOf(
      worthyCauses(alone, everywhere, causes, fleet, rule).filter(({ cause }) => isKnown(cause)),
      rule,
    );
    if (best === undefined) break;
    take(best);
  }

  // What one cause explains is no evidence for another: a site that is down says nothing about the upstream it works for.
  const explained = new Set([...keysOfKnown, ...groups.map(({ cause }) => causeKey(cause))]);
  while (alone.length > 0) {
    const rest = all.filter((each) => !causes.of(each).some(({ key }) => explained.has(key)));
    const best = bestOf(worthyCauses(alone, workersByCause(rest, causes), causes, fleet, rule), rule);
    if (best === undefined) break;
    explained.add(causeKey(best.cause));
    take(best);
  }
  return { groups, alone };
}

interface Candidate<T> {
  readonly cause: Cause;
  readonly members: T[];
}

function worthyCauses<T extends InTrouble>(
  due: readonly T[],
  troubled: ReadonlyMap<string, ReadonlySet<string>>,
  causes: Causes,
  fleet: Fleet,
  { leastWorkers, leastShare }: GroupingRule,
): Explained<T>[] {
  const candidates = new Map<string, Candidate<T>>();
  for (const member of due) {
    for (const { cause, key } of causes.of(member)) {
      const candidate = candidates.get(key);
      if (candidate === undefined) candidates.set(key, { cause, members: [member] });
      else candidate.members.push(member);
    }
  }
  const worthy: Explained<T>[] = [];
  for (const [key, { cause, members }] of candidates) {
    const workers = troubled.get(key)?.size ?? 0;
    // A worker that nobody counted yet is at least there.
    const of = Math.max(fleet.size(cause), workers);
    if (workers >= leastWorkers && workers >= leastShare * of) worthy.push({ cause, members, workers, of });
  }
  return worthy;
}

function bestOf<T>(causes: readonly Explained<T>[], { nearlyAsMuch }: GroupingRule): Explained<T> | undefined {
  const most = Math.max(...causes.map(explains));
  return causes.filter((cause) => explains(cause) >= nearlyAsMuch * most).sort(smallestFirst)[0];
}

/** How many alerts it explains, less the more of its workers are well: nothing at all when half of them are. */
function explains<T>({ members, workers, of }: Explained<T>): number {
  return members.length * ((2 * workers) / of - 1);
}

function smallestFirst<T>(a: Explained<T>, b: Explained<T>): number {
  return (
    a.of - b.of ||
    CAUSE_DIMENSIONS.indexOf(a.cause.dimension) - CAUSE_DIMENSIONS.indexOf(b.cause.dimension) ||
    (causeKey(a.cause) < causeKey(b.cause) ? -1 : 1)
  );
}

function workersByCause(all: readonly InTrouble[], causes: Causes): Map<string, Set<string>> {
  const workers = new Map<string, Set<string>>();
  for (const each of all) {
    if (each.subject.worker === '') continue;
    for (const { key } of causes.of(each)) {
      let set = workers.get(key);
      if (set === undefined) workers.set(key, (set = new Set()));
      set.add(each.subject.worker);
    }
  }
  return workers;
}

/** Every cause that the subject lies within. */
function causesOf({ tenant, site, rack }: Subject, traits: Traits): Cause[] {
  const cause = (dimension: CauseDimension, value: string, of = ''): Cause => ({ dimension, tenant, site: of, value });
  const causes: Cause[] = [];
  if (rack !== '') causes.push(cause('rack', rack, site));
  if (site !== '') causes.push(cause('site', site));
  for (const dimension of ['gateway', 'upstream', 'userAgent'] as const) {
    const value = traits[dimension] ?? '';
    if (value !== '') causes.push(cause(dimension, value));
  }
  causes.push(cause('tenant', tenant));
  return causes;
}

/** Names hold no control characters, so none is in two keys. */
export function causeKey({ dimension, tenant, site, value }: Cause): string {
  return `${dimension}\n${tenant}\n${site}\n${value}`;
}

interface NamedCause {
  readonly cause: Cause;
  readonly key: string;
}

/** Remembers what each one lies within: a hundred thousand of them are asked several times. */
class Causes {
  readonly #known = new Map<InTrouble, readonly NamedCause[]>();

  of(each: InTrouble): readonly NamedCause[] {
    let causes = this.#known.get(each);
    if (causes === undefined) {
      causes = causesOf(each.subject, each.traits).map((cause) => ({ cause, key: causeKey(cause) }));
      this.#known.set(each, causes);
    }
    return causes;
  }
}
