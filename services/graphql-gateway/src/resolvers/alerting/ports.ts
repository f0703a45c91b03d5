// What the resolvers of rules, channels, webhooks and maintenance windows stand on.
import type { ControlLog } from '@assay/control-log';
import type { Sealer } from '@assay/platform';

export interface AlertingResolverPorts {
  readonly control: ControlLog;
  /** Seals the secrets of channels and webhooks. */
  readonly sealer: Pick<Sealer, 'canSeal' | 'seal'>;
}
