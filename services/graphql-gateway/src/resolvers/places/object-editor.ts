// Changes of objects that a viewer asks for: what they give is laid over what is there. Whether it is allowed is for the fold to say; but the fold
// says first of all that a version is not right, so who may not change an object is sent away here, before that could tell them of it.
import type { ControlLog } from '@assay/control-log';
import { KINDS, type ControlBodies, type ControlObject, type KindDefinition, type ObjectChange } from '@assay/tenancy';
import { seesEntry, type PlaceKind } from '../../access/visible-entries.ts';
import { ClientError } from '../../errors.ts';
import { mayEdit } from '../../identity/people.ts';
import { changeAs } from '../../operation/control-change.ts';
import type { Viewer } from '../../operation/viewer.ts';

/** What a client gives of a body: what is left out stays, null takes it away. */
export type Patch<Body> = { readonly [Field in keyof Body]?: Body[Field] | null };

export class ObjectEditor {
  readonly #control: ControlLog;

  constructor(control: ControlLog) {
    this.#control = control;
  }

  /** An object that the viewer may change. Throws ClientError. */
  editable<Kind extends PlaceKind>(viewer: Viewer, kind: Kind, id: string): ControlObject<Kind> {
    const { state } = this.#control;
    const object = state.get(kind, id);
    if (object !== undefined && mayEdit(viewer, object, state)) return object;
    if (object !== undefined && seesEntry(viewer, object as ControlObject<PlaceKind>, state))
      throw new ClientError('FORBIDDEN', `Changing ${id} needs the permission ${KINDS[kind].permission}.`);
    throw new ClientError('NOT_FOUND', `There is no ${kind} ${id} that you see.`);
  }

  async create<Kind extends PlaceKind>(
    viewer: Viewer,
    kind: Kind,
    id: string,
    given: Patch<ControlBodies[Kind]>,
  ): Promise<ControlObject<Kind>> {
    const { state } = this.#control;
    const body = patched({} as ControlBodies[Kind], given);
    const definition = KINDS[kind] as unknown as KindDefinition<ControlBodies[Kind]>;
    if (!definition.scopes(id, body, state).every((scope) => viewer.access.may(definition.permission, scope)))
      throw new ClientError(
        'FORBIDDEN',
        `Making this ${kind} needs the permission ${definition.permission} where it is to be.`,
      );
    await this.apply(viewer, [{ op: 'put', kind, id, expect: 0, body }]);
    return state.get(kind, id)!;
  }

  async change<Kind extends PlaceKind>(
    viewer: Viewer,
    kind: Kind,
    id: string,
    version: number,
    given: Patch<ControlBodies[Kind]>,
  ): Promise<ControlObject<Kind>> {
    const { body } = this.editable(viewer, kind, id);
    await this.apply(viewer, [{ op: 'put', kind, id, expect: known(version), body: patched(body, given) }]);
    return this.#control.state.get(kind, id)!;
  }

  async remove(viewer: Viewer, kind: PlaceKind, id: string, version: number): Promise<true> {
    this.editable(viewer, kind, id);
    await this.apply(viewer, [{ op: 'remove', kind, id, expect: known(version) }]);
    return true;
  }

  async apply(viewer: Viewer, changes: readonly ObjectChange[]): Promise<void> {
    await changeAs(viewer, this.#control, changes);
  }
}

/** The version of something that is there. Throws ClientError. */
export function known(version: number): number {
  if (version >= 1) return version;
  throw new ClientError('BAD_USER_INPUT', `\`version\` is that of the entry, from 1; got ${version}.`);
}

export function patched<Body extends object>(before: Body, given: Patch<Body>): Body {
  const entries = Object.entries({ ...before, ...withoutUndefined(given) }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as Body;
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
