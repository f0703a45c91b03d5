// Which firmware hangs up on a question it does not know. Asking must cost nobody their connection: what hung up some times right after it was
// asked, and never answered on any connection, is asked no more for as long as the gateway runs. Bounded: user agents beyond MAX_FIRMWARES
// are taken together.

const MAX_FIRMWARES = 256;
/** Miners hang up for many reasons; so many times in a row it is no chance. */
const HANG_UPS = 3;

interface Firmware {
  answers: boolean;
  hangUps: number;
}

export class TouchyFirmware {
  readonly #byUserAgent = new Map<string, Firmware>();

  mayBeAsked(userAgent: string): boolean {
    const firmware = this.#byUserAgent.get(this.#known(userAgent));
    return firmware === undefined || firmware.answers || firmware.hangUps < HANG_UPS;
  }

  answered(userAgent: string): void {
    this.#of(userAgent).answers = true;
  }

  hungUp(userAgent: string): void {
    this.#of(userAgent).hangUps++;
  }

  #of(userAgent: string): Firmware {
    const name = this.#known(userAgent);
    let firmware = this.#byUserAgent.get(name);
    if (firmware === undefined) this.#byUserAgent.set(name, (firmware = { answers: false, hangUps: 0 }));
    return firmware;
  }

  #known(userAgent: string): string {
    return this.#byUserAgent.has(userAgent) || this.#byUserAgent.size < MAX_FIRMWARES ? userAgent : '';
  }
}
