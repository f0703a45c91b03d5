// Who asks: the door that every request and every connection passes. Invariant: as long as it is not known whether the pool has users, the
// fold being behind or its beginning gone, nobody is let in.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import { ClientError } from '../errors.ts';
import { authenticate, type Authentication } from './authenticate.ts';

export type Recognition =
  | { readonly recognised: true; readonly authentication: Authentication }
  | { readonly recognised: false; readonly status: 401 | 503; readonly error: ClientError };

export class Identity {
  readonly control: ControlLog;
  readonly #clock: Clock;

  constructor(ports: { readonly control: ControlLog; readonly clock: Clock }) {
    this.control = ports.control;
    this.#clock = ports.clock;
  }

  get nowUs(): number {
    return this.#clock.nowUs();
  }

  recognise(token: string | undefined): Recognition {
    const { control } = this;
    if (!control.isCaughtUp) return CONTROL_UNAVAILABLE;
    if (control.state.count('user') === 0 && !control.isWhole) return CONTROL_CUT_SHORT;
    const authentication = authenticate(token, control.state, this.nowUs);
    return authentication === undefined ? UNAUTHENTICATED : { recognised: true, authentication };
  }
}

const UNAUTHENTICATED: Recognition = {
  recognised: false,
  status: 401,
  error: new ClientError(
    'UNAUTHENTICATED',
    'Log in first, or send an API key: Authorization: Bearer assay_… A token that was refused has ended or was never one.',
  ),
};

/** Users may have been in what is gone: a pool must not open to everybody because its log was cut. */
const CONTROL_CUT_SHORT: Recognition = {
  recognised: false,
  status: 503,
  error: new ClientError(
    'CONTROL_UNAVAILABLE',
    'The beginning of the control log is gone, and no user is in what is left. Restore it, or make a user: npm run user -- create.',
  ),
};

const CONTROL_UNAVAILABLE: Recognition = {
  recognised: false,
  status: 503,
  error: new ClientError(
    'CONTROL_UNAVAILABLE',
    'The control log has not been read yet, so that it is not known who may ask. Try again in some seconds.',
    { retriable: true },
  ),
};
