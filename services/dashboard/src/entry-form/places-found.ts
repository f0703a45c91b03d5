// Places that a search has found: sites and machines as they are entered, and the racks in between, which stand in machines' names alone. Pure.

export interface FoundPlace {
  readonly word: 'site' | 'rack' | 'machine' | 'as typed';
  /** As in machines' names. */
  readonly name: string;
  /** What people call it. */
  readonly called?: string | undefined;
}

interface Found {
  readonly siteEntries: { readonly nodes: readonly { readonly id: string; readonly name: string }[] };
  readonly workerEntries: { readonly nodes: readonly { readonly name: string }[] };
}

const MOST_OF_A_SORT = 6;

/** What may be chosen, the largest first, without what is chosen already. */
export function placesFound(search: string, found: Found, chosen: readonly string[]): FoundPlace[] {
  const part = search.toLowerCase();
  const sites = found.siteEntries.nodes.map(({ id, name }) => ({ word: 'site' as const, name: id, called: name }));
  const workers = found.workerEntries.nodes.map(({ name }) => name);
  const racks = [...new Set(workers.flatMap((name) => rackOf(name) ?? []))].filter((rack) =>
    rack.toLowerCase().includes(part),
  );
  const all: FoundPlace[] = [
    ...sites,
    ...racks.slice(0, MOST_OF_A_SORT).map((name) => ({ word: 'rack' as const, name })),
    ...workers.slice(0, MOST_OF_A_SORT).map((name) => ({ word: 'machine' as const, name })),
  ];
  const isNew = /^[^\s,.]+(\.[^\s,.]+)+$/.test(search) && !all.some(({ name }) => name === search);
  if (isNew) all.push({ word: 'as typed', name: search });
  return all.filter(({ name }) => !chosen.includes(name));
}

/** `acme.north.r1` of `acme.north.r1.m07`; undefined where the name has no rack. */
function rackOf(worker: string): string | undefined {
  const parts = worker.split('.');
  return parts.length < 4 ? undefined : parts.slice(0, 3).join('.');
}
