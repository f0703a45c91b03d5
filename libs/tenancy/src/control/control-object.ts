// What is configured, as objects in the fold of the control log. Each kind says in one place how its objects are checked, what they
// belong to and who may change them.
import type { z } from 'zod';
import type { Grant, Permission, Scope } from '../access/roles.ts';
import type { ControlState } from './control-state.ts';
import type { AlertChannelBody, AlertRuleBody, MaintenanceWindowBody, WebhookBody } from './kinds/alerting.ts';
import type { ApiKey, Session, User } from './kinds/identity.ts';
import type { Group, Site, Tenant } from './kinds/places.ts';
import type { Ownership, Worker } from './kinds/workers.ts';

/** What the objects of each kind hold. */
export interface ControlBodies {
  tenant: Tenant;
  site: Site;
  group: Group;
  worker: Worker;
  ownership: Ownership;
  user: User;
  session: Session;
  api_key: ApiKey;
  alert_rule: AlertRuleBody;
  alert_channel: AlertChannelBody;
  webhook: WebhookBody;
  maintenance_window: MaintenanceWindowBody;
}

export type ControlKind = keyof ControlBodies;

/** Who changed something: a user, a key, or a service or tool of the pool's own by its name. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'system';
  readonly id: string;
}

export interface ControlObject<Kind extends ControlKind = ControlKind> {
  readonly kind: Kind;
  readonly id: string;
  /** Counts the changes of this object, from 1. */
  readonly version: number;
  readonly body: ControlBodies[Kind];
  readonly createdAtUs: number;
  readonly changedAtUs: number;
  readonly changedBy: Actor;
}

/** An object that another one names. */
export interface Reference {
  readonly kind: ControlKind;
  readonly id: string;
  /** What becomes of who names it when it is removed: it is removed as well, or the removal is refused. */
  readonly onRemove: 'cascade' | 'refuse';
}

export interface KindDefinition<Body> {
  readonly schema: z.ZodType<Body>;
  /** Objects of this kind there may be. */
  readonly limit: number;
  /** Needed over all that the object belongs to, before and after the change. */
  readonly permission: Permission;
  /** What the object belongs to; several when it concerns several. */
  scopes(id: string, body: Body, state: ControlState): readonly Scope[];
  /** What must exist as long as this does. */
  references?(id: string, body: Body): readonly Reference[];
  /** No two objects of the kind may have one of these in common. */
  uniqueKeys?(body: Body): readonly string[];
  /** Grants that the change hands out: who makes it must have all that is in them. */
  gives?(change: KindChange<Body>, state: ControlState): readonly Grant[];
  /** Why a change cannot be made, or undefined. @param before undefined when it is new. @param after undefined when it is removed. */
  check?(change: KindChange<Body>, state: ControlState): Refusal | undefined;
  /** Whether this actor may make the change although they lack the permission, such as to what is their own. */
  ownChange?(change: KindChange<Body>, actor: Actor, state: ControlState): boolean;
}

export interface KindChange<Body> {
  readonly id: string;
  readonly before: Body | undefined;
  readonly after: Body | undefined;
}

export type RefusalCode =
  /** The record or an object in it is not as its schema wants it. */
  | 'malformed'
  /** The object has another version than the change expects. */
  | 'conflict'
  | 'not_found'
  /** Something it names does not exist. */
  | 'unknown_reference'
  /** Something else names it. */
  | 'in_use'
  /** Another object has the same e-mail address, say. */
  | 'duplicate'
  | 'forbidden'
  /** Against a rule of its kind; the message says which. */
  | 'invalid'
  /** There are too many. */
  | 'limit';

export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence that names what was wrong. */
  readonly message: string;
  /** The change of the record it is about, from 0. */
  readonly change?: number;
}
