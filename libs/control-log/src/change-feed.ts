// The newest changes of everything, with what each object was before and after, for people who ask who changed what. An object's content is
// the fold's own and costs nothing while it is in force. Bound: as many changes as it is made for, of some 500 bytes each where the object has
// changed again since. Older changes are in the log.
import {
  KINDS,
  type Actor,
  type Changed,
  type ControlKind,
  type ControlObject,
  type ControlState,
  type KindDefinition,
  type Scope,
} from '@assay/tenancy';

/** What a service that answers people keeps. */
export const FED_CHANGES = 100_000;

export interface FedChange {
  readonly atUs: number;
  readonly by: Actor;
  readonly note: string | undefined;
  readonly kind: ControlKind;
  readonly id: string;
  /** Undefined when there was none. */
  readonly before: ControlObject | undefined;
  /** Undefined when it was removed. */
  readonly after: ControlObject | undefined;
  /** All that it belonged to before and after; the same array for the same scopes, so that who goes through many asks once of each. */
  readonly scopes: readonly Scope[];
}

export class ChangeFeed {
  readonly #size: number;
  /** A ring: the change numbered n is at n modulo the size. */
  readonly #changes: FedChange[] = [];
  readonly #scopes = new Map<string, readonly Scope[]>();
  #count = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** @param state with the change made */
  add(atUs: number, by: Actor, note: string | undefined, changed: readonly Changed[], state: ControlState): void {
    if (this.#size === 0) return;
    for (const { kind, id, before, object: after } of changed) {
      const scopes = this.#scopesOf(kind, id, [before, after], state);
      this.#changes[this.#count % this.#size] = { atUs, by, note, kind, id, before, after, scopes };
      this.#count++;
    }
  }

  *newestFirst(): Iterable<FedChange> {
    const oldest = Math.max(0, this.#count - this.#size);
    for (let n = this.#count - 1; n >= oldest; n--) yield this.#changes[n % this.#size]!;
  }

  #scopesOf(
    kind: ControlKind,
    id: string,
    objects: readonly (ControlObject | undefined)[],
    state: ControlState,
  ): readonly Scope[] {
    const definition = KINDS[kind] as unknown as KindDefinition<unknown>;
    const all = objects.flatMap((object) => (object === undefined ? [] : definition.scopes(id, object.body, state)));
    const scopes = new Map(all.map(({ tenant, site }) => [`${tenant} ${site ?? ''}`, { tenant, site }]));
    const key = [...scopes.keys()].sort().join('\n');
    const known = this.#scopes.get(key);
    if (known !== undefined) return known;
    const made = [...scopes.values()];
    this.#scopes.set(key, made);
    return made;
  }
}
