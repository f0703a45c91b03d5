// Which parts of the pool (upstreams, gateways) were said to be in trouble, by rule: what has changed since is news.
export class PartsInTrouble {
  readonly #byRule = new Map<string, ReadonlySet<string>>();

  /** Rules that are not among these any more are forgotten: the book resolves what they had found. */
  keep(rules: Iterable<string>): void {
    const kept = new Set(rules);
    for (const rule of this.#byRule.keys()) if (!kept.has(rule)) this.#byRule.delete(rule);
  }

  /** @param fresh whether all that is in trouble has to be said again */
  news(rule: string, parts: Iterable<string>, fresh: boolean): { readonly began: string[]; readonly over: string[] } {
    const now = new Set(parts);
    const before = this.#byRule.get(rule) ?? new Set();
    this.#byRule.set(rule, now);
    return {
      began: [...now].filter((part) => fresh || !before.has(part)),
      over: [...before].filter((part) => !now.has(part)),
    };
  }
}
