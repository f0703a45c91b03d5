// The way into a pool without users: a link that is printed where the pool runs, so that whoever made it run, and nobody else, makes the first
// user. There is no default password. The link is this process' own, kept in memory alone: it ends with the first user, after a day, and with
// the process, which prints another one when it starts again.
import { timingSafeEqual } from 'node:crypto';
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import { hashToken, newLinkToken } from './tokens.ts';

const LIFETIME_US = 86_400e6;

export class SetupLink {
  readonly #token = newLinkToken();
  readonly #endsAtUs: number;
  readonly #control: ControlLog;
  readonly #clock: Clock;

  constructor({ control, clock }: { readonly control: ControlLog; readonly clock: Clock }) {
    this.#control = control;
    this.#clock = clock;
    this.#endsAtUs = clock.nowUs() + LIFETIME_US;
  }

  /** Where the dashboard takes it; undefined when the pool has users, or may have. */
  get path(): string | undefined {
    return this.isOpen ? `/#setup=${this.#token}` : undefined;
  }

  get isOpen(): boolean {
    const { isWhole, state } = this.#control;
    return isWhole && state.count('user') === 0 && this.#clock.nowUs() < this.#endsAtUs;
  }

  isRight(token: string): boolean {
    return this.isOpen && timingSafeEqual(Buffer.from(hashToken(token)), Buffer.from(hashToken(this.#token)));
  }
}
