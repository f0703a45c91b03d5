// What each viewer sees, by the grants they came with and by what their tenants hold now. Kept for those who ask again, and forgotten as soon as
// any ownership changes.
import type { ControlLog } from '@assay/control-log';
import { EVERYTHING, visibilityOf, type Visibility } from '@assay/tenancy';
import type { Viewer } from '../operation/viewer.ts';

/** Visibilities kept; the one not asked for longest goes first. */
const MAX_KEPT = 500;

export class Visibilities {
  readonly #control: Pick<ControlLog, 'state'>;
  readonly #kept = new Map<string, Visibility>();

  constructor(control: Pick<ControlLog, 'state' | 'onChange'>) {
    this.#control = control;
    control.onChange(({ changed }) => {
      if (changed.some(({ kind }) => kind === 'ownership')) this.#kept.clear();
    });
  }

  /** Workers, rates, events and history that the viewer may see. */
  of({ access }: Viewer): Visibility {
    const scopes = access.scopesOf('fleet.view');
    const pool = access.scopesOf('pool.view');
    const key = JSON.stringify([scopes.map(({ tenant, site }) => [tenant, site]), pool.map(({ tenant }) => tenant)]);
    let visibility = this.#kept.get(key);
    visibility ??= visibilityOf(access, 'fleet.view', (tenant) => this.#control.state.ownershipsOf(tenant));
    if (visibility === EVERYTHING) return visibility;
    this.#kept.delete(key);
    this.#kept.set(key, visibility);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return visibility;
  }
}
