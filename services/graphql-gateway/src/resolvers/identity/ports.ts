// What the resolvers of users, sessions and keys stand on.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { Sealer } from '@assay/platform';
import type { OwnAccount } from '../../identity/own-account.ts';

export interface IdentityResolverPorts {
  readonly control: ControlLog;
  readonly clock: Clock;
  readonly own: OwnAccount;
  /** Seals the secrets that people enter. */
  readonly sealer: Sealer;
  /** Where people reach the dashboard; empty when nobody said. */
  readonly publicUrl: string;
}
