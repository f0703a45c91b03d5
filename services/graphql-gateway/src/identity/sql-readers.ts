// Who reads with SQL, by the password they show: an API key that has the permission `sql.read`. While the pool has no users everybody does, as
// with everything else.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import { EVERYTHING, visibilityOf, type Visibility } from '@assay/tenancy';
import { Identity } from './identity.ts';
import { kindOfToken } from './tokens.ts';

/** Undefined for who may not read at all, also as long as it is not known who may. */
export function sqlReaders(ports: {
  readonly control: ControlLog;
  readonly clock: Clock;
}): (password: string) => Visibility | undefined {
  const identity = new Identity(ports);
  return (password) => {
    const isKey = kindOfToken(password) === 'api_key';
    const recognition = identity.recognise(isKey ? password : undefined);
    if (!recognition.recognised) return undefined;
    const { viewer } = recognition.authentication;
    // An open pool knows no keys: who comes with one has mistaken it for another.
    if (viewer.actor.kind === 'system') return password === '' ? EVERYTHING : undefined;
    if (viewer.access.scopesOf('sql.read').length === 0) return undefined;
    return visibilityOf(viewer.access, 'sql.read', (tenant) => ports.control.state.ownershipsOf(tenant));
  };
}
