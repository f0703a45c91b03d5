// The fold of the control log: every object that is configured, from the changes in the order of the log. Pure: the same records give the
// same state and the same refusals in every service. Invariants: a refused record leaves no trace; what an object names exists.
import { assert } from '@assay/kernel';
import { FULL_ACCESS, type Access } from '../access/access.ts';
import { changeRecord, type ChangeRecord, type ObjectChange } from './change-record.ts';
import { storedObject } from './stored-object.ts';
import type {
  Actor,
  ControlBodies,
  ControlKind,
  ControlObject,
  KindDefinition,
  Reference,
  Refusal,
} from './control-object.ts';
import { isControlKind, KINDS } from './kinds.ts';
import { accessOfKey, accessOfUser } from './kinds/identity.ts';
import { tenantOf } from './kinds/places.ts';

/** An object as it is after a change, or that it is gone. */
export interface Changed {
  readonly kind: ControlKind;
  readonly id: string;
  /** What it was; undefined when it is new. */
  readonly before: ControlObject | undefined;
  /** Undefined when it was removed. */
  readonly object: ControlObject | undefined;
}

export type ChangeOutcome =
  | { readonly applied: true; readonly changed: readonly Changed[] }
  | { readonly applied: false; readonly refusal: Refusal };

/** What a record changes is undone step by step when one of its changes is refused. */
type Undo = (() => void)[];

export class ControlState {
  readonly #objects = new Map<ControlKind, Map<string, ControlObject>>();
  /** Ids by kind and unique key. */
  readonly #unique = new Map<string, string>();
  /** Who names an object, by its name: `kind id` to `kind id`. */
  readonly #namedBy = new Map<string, Map<string, Reference['onRemove']>>();
  readonly #workersOf = new Map<string, number>();
  readonly #ownershipsOf = new Map<string, Map<string, ControlObject<'ownership'>>>();

  get<Kind extends ControlKind>(kind: Kind, id: string): ControlObject<Kind> | undefined {
    return this.#objects.get(kind)?.get(id) as ControlObject<Kind> | undefined;
  }

  /** The objects of a kind, in the order they were made. */
  all<Kind extends ControlKind>(kind: Kind): Iterable<ControlObject<Kind>> {
    return (this.#objects.get(kind)?.values() ?? []) as Iterable<ControlObject<Kind>>;
  }

  count(kind: ControlKind): number {
    return this.#objects.get(kind)?.size ?? 0;
  }

  /** The object that has one of its unique keys: a user by e-mail address in lower case, a session by the hash of its token. */
  find<Kind extends ControlKind>(kind: Kind, uniqueKey: string): ControlObject<Kind> | undefined {
    const id = this.#unique.get(named(kind, uniqueKey));
    return id === undefined ? undefined : this.get(kind, id);
  }

  /** Objects of a kind that name an object, such as the sessions of a user. */
  naming<Kind extends ControlKind>(kind: Kind, to: { readonly kind: ControlKind; readonly id: string }) {
    const found: ControlObject<Kind>[] = [];
    for (const name of this.#namedBy.get(named(to.kind, to.id))?.keys() ?? []) {
      const [fromKind, fromId] = partsOf(name);
      const object = fromKind === kind ? this.get(kind, fromId) : undefined;
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** How many workers a tenant has. */
  workersOf(tenant: string): number {
    return this.#workersOf.get(tenant) ?? 0;
  }

  /** What a tenant has given to others, and has of its own in other hands. */
  ownershipsOf(tenant: string): readonly ControlObject<'ownership'>[] {
    return [...(this.#ownershipsOf.get(tenant)?.values() ?? [])];
  }

  /** What an actor may do at a moment. */
  accessOf(actor: Actor, nowUs: number): Access {
    switch (actor.kind) {
      case 'system':
        return FULL_ACCESS;
      case 'user':
        return accessOfUser(actor.id, this);
      case 'key':
        return accessOfKey(actor.id, this, nowUs);
    }
  }

  /** Every object, in an order in which `restore` takes them. */
  *objects(): Iterable<ControlObject> {
    for (const objects of this.#objects.values()) yield* objects.values();
  }

  /**
   * Fills an empty state with the objects of another, as they come back from JSON. What is no object of a kind there is is left out.
   * @returns how many were left out
   */
  restore(objects: Iterable<unknown>): number {
    assert(this.#objects.size === 0, 'only an empty state can be restored');
    let leftOut = 0;
    for (const candidate of objects) {
      const object = storedObject(candidate);
      if (object === undefined) leftOut++;
      else this.#place(object.kind, object.id, undefined, object);
    }
    return leftOut;
  }

  /** Applies a record of the log, all of it or nothing. @param record as parsed from JSON. @param atUs when it was appended */
  apply(record: unknown, atUs: number): ChangeOutcome {
    const parsed = changeRecord.safeParse(record);
    if (!parsed.success) return refused({ code: 'malformed', message: sentence(parsed.error.issues) });
    const undo: Undo = [];
    const changed: Changed[] = [];
    for (const [index, change] of parsed.data.changes.entries()) {
      const refusal = this.#change(change, parsed.data, atUs, undo, changed);
      if (refusal === undefined) continue;
      for (const step of undo.reverse()) step();
      return refused({ ...refusal, change: index });
    }
    return { applied: true, changed };
  }

  #change(
    change: ObjectChange,
    { by }: ChangeRecord,
    atUs: number,
    undo: Undo,
    changed: Changed[],
  ): Refusal | undefined {
    const { kind, id } = change;
    if (!isControlKind(kind)) return { code: 'malformed', message: `There are no objects of kind ${kind}.` };
    const definition = KINDS[kind] as KindDefinition<unknown>;
    const before = this.get(kind, id);
    const conflict = versionConflict(change, before);
    if (conflict !== undefined) return conflict;

    let after: unknown;
    if (change.op === 'put') {
      const body = definition.schema.safeParse(change.body);
      if (!body.success)
        return { code: 'malformed', message: `${kind} ${id} cannot be taken: ${sentence(body.error.issues)}` };
      after = body.data;
      if (before === undefined && this.count(kind) >= definition.limit)
        return { code: 'limit', message: `There may be no more than ${definition.limit} objects of kind ${kind}.` };
    }
    const step = { id, before: before?.body, after };
    const refusal =
      // First, so that nobody is told by another refusal what there is of others.
      this.#forbidden(definition, step, by, atUs) ??
      this.#unknownReference(definition, id, after) ??
      this.#duplicate(definition, kind, id, after) ??
      definition.check?.(step, this);
    if (refusal !== undefined) return refusal;

    if (change.op === 'remove') return this.#remove(kind, id, undo, changed);
    const object = {
      kind,
      id,
      version: (before?.version ?? 0) + 1,
      body: after as ControlBodies[ControlKind],
      createdAtUs: before?.createdAtUs ?? atUs,
      changedAtUs: atUs,
      changedBy: by,
    };
    this.#set(kind, id, object, undo);
    changed.push({ kind, id, before, object });
    return undefined;
  }

  /** Removes an object and what goes with it; refused when something must not be without it. */
  #remove(kind: ControlKind, id: string, undo: Undo, changed: Changed[]): Refusal | undefined {
    for (const [name, onRemove] of this.#namedBy.get(named(kind, id)) ?? []) {
      const [dependentKind, dependentId] = partsOf(name);
      if (onRemove === 'refuse')
        return { code: 'in_use', message: `${kind} ${id} is still named by ${dependentKind} ${dependentId}.` };
      const refusal = this.#remove(dependentKind, dependentId, undo, changed);
      if (refusal !== undefined) return refusal;
    }
    const before = this.get(kind, id);
    this.#set(kind, id, undefined, undo);
    changed.push({ kind, id, before, object: undefined });
    return undefined;
  }

  #unknownReference(definition: KindDefinition<unknown>, id: string, after: unknown): Refusal | undefined {
    if (after === undefined) return undefined;
    const missing = definition.references?.(id, after).find((to) => this.get(to.kind, to.id) === undefined);
    return missing && { code: 'unknown_reference', message: `There is no ${missing.kind} ${missing.id}.` };
  }

  #forbidden(
    definition: KindDefinition<unknown>,
    step: { readonly id: string; readonly before: unknown; readonly after: unknown },
    by: Actor,
    atUs: number,
  ): Refusal | undefined {
    if (by.kind === 'system' || definition.ownChange?.(step, by, this) === true) return undefined;
    const access = this.accessOf(by, atUs);
    const bodies = [step.before, step.after].filter((body) => body !== undefined);
    const scopes = bodies.flatMap((body) => definition.scopes(step.id, body, this));
    if (!scopes.every((scope) => access.may(definition.permission, scope)))
      return { code: 'forbidden', message: `Changing ${step.id} needs the permission ${definition.permission}.` };
    const tooMuch = definition.gives?.(step, this).find((grant) => !access.mayGive(grant));
    return (
      tooMuch && { code: 'forbidden', message: `The role ${tooMuch.role} of ${tooMuch.tenant} is not yours to give.` }
    );
  }

  #duplicate(definition: KindDefinition<unknown>, kind: ControlKind, id: string, after: unknown): Refusal | undefined {
    if (after === undefined) return undefined;
    const taken = definition.uniqueKeys?.(after).find((key) => (this.#unique.get(named(kind, key)) ?? id) !== id);
    return taken === undefined ? undefined : { code: 'duplicate', message: `Another ${kind} has ${taken} already.` };
  }

  /** Puts the object in its place, and all that is looked up by it; `undo` gets what takes it back. */
  #set(kind: ControlKind, id: string, object: ControlObject | undefined, undo: Undo): void {
    const before = this.get(kind, id);
    this.#place(kind, id, before, object);
    undo.push(() => this.#place(kind, id, object, before));
  }

  #place(kind: ControlKind, id: string, before: ControlObject | undefined, after: ControlObject | undefined): void {
    let objects = this.#objects.get(kind);
    if (objects === undefined) this.#objects.set(kind, (objects = new Map()));
    if (after === undefined) objects.delete(id);
    else objects.set(id, after);
    const definition = KINDS[kind] as KindDefinition<unknown>;
    const name = named(kind, id);
    if (before !== undefined) {
      for (const key of definition.uniqueKeys?.(before.body) ?? []) this.#unique.delete(named(kind, key));
      for (const to of definition.references?.(id, before.body) ?? []) this.#unname(named(to.kind, to.id), name);
    }
    if (after !== undefined) {
      for (const key of definition.uniqueKeys?.(after.body) ?? []) this.#unique.set(named(kind, key), id);
      for (const to of definition.references?.(id, after.body) ?? [])
        this.#name(named(to.kind, to.id), name, to.onRemove);
    }
    if (kind === 'worker') this.#countWorker(tenantOf(id), before, after);
    if (kind === 'ownership')
      this.#placeOwnership(
        id,
        before as ControlObject<'ownership'> | undefined,
        after as ControlObject<'ownership'> | undefined,
      );
  }

  #name(to: string, from: string, onRemove: Reference['onRemove']): void {
    let names = this.#namedBy.get(to);
    if (names === undefined) this.#namedBy.set(to, (names = new Map()));
    names.set(from, onRemove);
  }

  #unname(to: string, from: string): void {
    const names = this.#namedBy.get(to);
    names?.delete(from);
    if (names?.size === 0) this.#namedBy.delete(to);
  }

  #countWorker(tenant: string, before: ControlObject | undefined, after: ControlObject | undefined): void {
    const count = this.workersOf(tenant) + (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    if (count === 0) this.#workersOf.delete(tenant);
    else this.#workersOf.set(tenant, count);
  }

  /** Under the tenant whose machines they are, and under the one who holds them. */
  #placeOwnership(
    id: string,
    before: ControlObject<'ownership'> | undefined,
    after: ControlObject<'ownership'> | undefined,
  ): void {
    if (before !== undefined)
      for (const tenant of partiesOf(before)) {
        const own = this.#ownershipsOf.get(tenant)!;
        own.delete(id);
        if (own.size === 0) this.#ownershipsOf.delete(tenant);
      }
    if (after !== undefined)
      for (const tenant of partiesOf(after)) {
        let own = this.#ownershipsOf.get(tenant);
        if (own === undefined) this.#ownershipsOf.set(tenant, (own = new Map()));
        own.set(id, after);
      }
  }
}

function partiesOf({ body }: ControlObject<'ownership'>): ReadonlySet<string> {
  return new Set([tenantOf(body.of), body.holder]);
}

function versionConflict(change: ObjectChange, before: ControlObject | undefined): Refusal | undefined {
  const { kind, id, expect } = change;
  if (change.op === 'remove' && before === undefined)
    return { code: 'not_found', message: `There is no ${kind} ${id}.` };
  if (expect === undefined || expect === (before?.version ?? 0)) return undefined;
  if (before === undefined) return { code: 'not_found', message: `There is no ${kind} ${id}.` };
  return {
    code: 'conflict',
    message:
      expect === 0
        ? `There is a ${kind} ${id} already.`
        : `${kind} ${id} has been changed meanwhile: it has version ${before.version}, not ${expect}.`,
  };
}

function refused(refusal: Refusal): ChangeOutcome {
  return { applied: false, refusal };
}

/** Neither a kind nor a segment of an id of ours holds a space before the first one. */
function named(kind: ControlKind, id: string): string {
  return `${kind} ${id}`;
}

function partsOf(name: string): [ControlKind, string] {
  const space = name.indexOf(' ');
  const kind = name.slice(0, space);
  assert(isControlKind(kind), `no kind: ${kind}`);
  return [kind, name.slice(space + 1)];
}

function sentence(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}
