// Tells the pool's record of events where gateways and this validator disagree: one event a minute at most for each gateway and reason, with how
// many shares it is about. What cannot be written now is told with the next; what is not told when the validator dies is in its metrics and
// log only. Bounded by the gateways told apart (integrity-events.ts) and the reasons there are.
import { TOPIC, type EventLog } from '@assay/event-log';
import { MICROS_PER_MINUTE, type Clock } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { GatewayDisagreement } from '@assay/tenancy';

const LOOK_MS = 500;

interface Untold {
  readonly gateway: string;
  readonly reason: string;
  accepted: number;
  rejected: number;
  toldAtUs: number;
}

export class IntegrityReports {
  readonly #log: Pick<EventLog, 'append'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #byKey = new Map<string, Untold>();
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;

  constructor(log: Pick<EventLog, 'append'>, clock: Clock, logger: Logger) {
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @param accepted whether the gateway had accepted the share */
  note(gateway: string, reason: string, accepted: boolean): void {
    const key = `${gateway} ${reason}`;
    let untold = this.#byKey.get(key);
    if (untold === undefined) {
      untold = { gateway, reason, accepted: 0, rejected: 0, toldAtUs: -Infinity };
      this.#byKey.set(key, untold);
    }
    if (accepted) untold.accepted++;
    else untold.rejected++;
    this.#timer ??= setInterval(() => void this.#tell(false), LOOK_MS).unref();
  }

  /** Tells what is left, once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
    await this.#tell(true);
  }

  #tell(everything: boolean): Promise<void> {
    return (this.#telling ??= this.#append(everything).finally(() => (this.#telling = undefined)));
  }

  async #append(everything: boolean): Promise<void> {
    const nowUs = this.#clock.nowUs();
    for (const untold of this.#byKey.values()) {
      const { gateway, reason, accepted, rejected, toldAtUs } = untold;
      if (accepted + rejected === 0 || (!everything && nowUs - toldAtUs < MICROS_PER_MINUTE)) continue;
      const event: GatewayDisagreement = { type: 'integrity', atUs: nowUs, gateway, reason, accepted, rejected };
      try {
        await this.#log.append(TOPIC.workerEvents, [{ key: gateway, value: Buffer.from(JSON.stringify(event)) }]);
      } catch (error) {
        this.#logger.warn({ err: error, gateway, reason }, 'a disagreement with a gateway could not be told yet');
        return;
      }
      untold.toldAtUs = nowUs;
      untold.accepted -= accepted;
      untold.rejected -= rejected;
    }
  }
}
