// Users, sessions and keys for tests, and how to log in over HTTP as a browser would.
import { hash } from '@node-rs/argon2';
import type { Grant, ObjectChange, Tenant } from '@assay/tenancy';
import { hashRecoveryCode, newRecoveryCodes } from '../identity/recovery-codes.ts';
import { newTotpSecret, totpCode, totpStepAt } from '../identity/totp.ts';
import type { SampleGateway } from './sample-gateway.ts';

export const ADMIN: Grant = { role: 'operator_admin', tenant: '*' };
export const PASSWORD = 'correct horse battery';
export const TEST = { kind: 'system', id: 'test' } as const;

export interface AuthAnswer {
  readonly status: number;
  /** `null` when there was none. */
  // Tests read answers of any shape; what they expect of them is written in the test.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly headers: Headers;
  /** What a browser would keep: `name=value`. */
  readonly cookie: string | undefined;
}

/** A pool, with people. */
export class People {
  readonly #pool: SampleGateway;

  constructor(pool: SampleGateway) {
    this.#pool = pool;
  }

  async change(...changes: ObjectChange[]): Promise<void> {
    const outcome = await this.#pool.control.change(TEST, changes);
    if (!outcome.applied) throw new Error(`refused: ${outcome.refusal.message}`);
  }

  tenant(id: string, more: Partial<Tenant> = {}): Promise<void> {
    return this.change({
      op: 'put',
      kind: 'tenant',
      id,
      body: { name: id, kind: 'hosting', autoRegister: true, ...more },
    });
  }

  /** A user whose id is `name`, whose address is `name@example.org`, and whose password is PASSWORD. */
  async user(name: string, grants: readonly Grant[] = [], more: object = {}): Promise<void> {
    const passwordHash = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
    const body = { email: `${name}@example.org`, name, grants, disabled: false, passwordHash, ...more };
    await this.change({ op: 'put', kind: 'user', id: name, body });
  }

  /** Gives a user a second factor. */
  async secondFactor(id: string): Promise<{ code(steps?: number): string; readonly recovery: string[] }> {
    const secret = newTotpSecret();
    const recovery = newRecoveryCodes();
    const user = this.#pool.control.state.get('user', id)!.body;
    const secondFactor = {
      sealed: this.#pool.sealer.seal(secret, `second-factor ${id}`),
      lastStep: 0,
      recoveryHashes: recovery.map(hashRecoveryCode),
    };
    await this.change({ op: 'put', kind: 'user', id, body: { ...user, secondFactor } });
    return {
      code: (steps = 0) => totpCode(secret, totpStepAt(this.#pool.clock.nowUs()) + steps),
      recovery,
    };
  }

  async auth(path: string, body: unknown, headers: Record<string, string> = {}): Promise<AuthAnswer> {
    const response = await fetch(`${this.#pool.url}/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? null : (JSON.parse(text) as unknown),
      headers: response.headers,
      cookie: response.headers.getSetCookie().at(-1)?.split(';')[0],
    };
  }

  login(name: string, code?: string, password = PASSWORD): Promise<AuthAnswer> {
    return this.auth('login', { email: `${name}@example.org`, password, ...(code !== undefined && { code }) });
  }

  /** The cookie of a user who must be let in. */
  async cookieOf(name: string, code?: string): Promise<string> {
    const { status, body, cookie } = await this.login(name, code);
    if (status !== 200 || cookie === undefined) throw new Error(`${name} is not let in: ${JSON.stringify(body)}`);
    return cookie;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async state(headers: Record<string, string> = {}): Promise<any> {
    return (await fetch(`${this.#pool.url}/auth/state`, { headers })).json();
  }
}
