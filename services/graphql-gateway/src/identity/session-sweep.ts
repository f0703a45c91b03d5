// Takes sessions that have expired out of the control log, of users who do not come back too. A login does that for its own user.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { ObjectChange } from '@assay/tenancy';
import { GATEWAY } from './login.ts';

const EVERY_MS = 3_600_000;
/** In one change; the rest waits for the next time. */
const MAX_AT_ONCE = 500;

export class SessionSweep {
  readonly #timer: NodeJS.Timeout;

  constructor(ports: { readonly control: ControlLog; readonly clock: Clock; readonly logger: Logger }) {
    this.#timer = setInterval(() => {
      sweepSessions(ports).catch((error: unknown) =>
        ports.logger.warn({ err: error }, 'expired sessions could not be taken away'),
      );
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Says how many were taken away. None, when another gateway was quicker with one of them: it takes the others as well. */
export async function sweepSessions(ports: { readonly control: ControlLog; readonly clock: Clock }): Promise<number> {
  const { control, clock } = ports;
  if (!control.isCaughtUp) return 0;
  const nowUs = clock.nowUs();
  const expired: ObjectChange[] = [];
  for (const { id, body } of control.state.all('session')) {
    if (expired.length >= MAX_AT_ONCE) break;
    if (body.expiresAtUs <= nowUs) expired.push({ op: 'remove', kind: 'session', id });
  }
  if (expired.length === 0) return 0;
  const outcome = await control.change(GATEWAY, expired, 'expired');
  return outcome.applied ? expired.length : 0;
}
