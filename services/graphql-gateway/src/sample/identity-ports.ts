// What the resolvers of users stand on, for tests that ask the schema without a gateway around it.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import { Sealer } from '@assay/platform';
import { LoginThrottle } from '../identity/login-throttle.ts';
import { OwnAccount } from '../identity/own-account.ts';
import { Passwords } from '../identity/passwords.ts';
import type { IdentityResolverPorts } from '../resolvers/identity/ports.ts';

export function sampleIdentityPorts(control: ControlLog, clock: Clock): IdentityResolverPorts {
  const sealer = new Sealer([Buffer.alloc(32, 7)]);
  const own = new OwnAccount({
    control,
    clock,
    passwords: new Passwords({ memoryKib: 8, passes: 1 }),
    sealer,
    throttle: new LoginThrottle(),
    sessionLifetimeUs: 3600e6,
  });
  return { control, clock, own, sealer, publicUrl: '' };
}
