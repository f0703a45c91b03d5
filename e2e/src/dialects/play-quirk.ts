// Plays one quirk's conversation against a pool and says whether it went as the script has it.
import type { DialectPool } from './dialect-pool.ts';
import type { Quirk, Step } from './dialect-script.ts';
import { Firmware, hex32, type Heard } from './firmware.ts';
import type { FoundShare } from './independent-hash.ts';
import { compares, matches } from './line-pattern.ts';
import type { WireRules } from './wire-rules.ts';

export type QuirkResult =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly problem: string }
  /** This pool is not one on which it can be told. */
  | { readonly outcome: 'untold'; readonly why: string };

export interface PlayOptions {
  /** For what the script calls $user and $password. */
  readonly user: string;
  readonly password: string;
}

export const DEFAULT_OPTIONS: PlayOptions = { user: 'acme.lab.m1', password: 'x' };

/** A search for harder shares would take too long in plain JavaScript: some 43,000 hashes. */
const HARDEST_SHARE = 1e-5;
const LOW_DIFFICULTY = 23;
const MAX_REPEATS = 1000;
const FIRST_MADE_UP = 0x0badc0de;

class Untold extends Error {
  override readonly name = 'Untold';
}

export async function playQuirk(
  quirk: Quirk,
  pool: DialectPool,
  rules: WireRules,
  options: PlayOptions = DEFAULT_OPTIONS,
): Promise<QuirkResult> {
  const player = new Player(pool, rules, options);
  let step: Step | undefined;
  try {
    for (const next of unrolled(quirk.steps)) {
      step = next;
      await player.play(next);
    }
    return { outcome: 'passed' };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof Untold) return { outcome: 'untold', why: text };
    const said = player.lastHeard === undefined ? '' : `; last heard: ${player.lastHeard}`;
    return { outcome: 'failed', problem: `line ${step?.at}: ${text}${said}` };
  } finally {
    player.close();
  }
}

/** `repeat N` to `end` written out, `$#` filled in. */
function* unrolled(steps: readonly Step[]): Iterable<Step> {
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]!;
    if (step.verb !== 'repeat') {
      yield step;
      continue;
    }
    const end = steps.findIndex(({ verb }, index) => index > at && verb === 'end');
    const times = Number(step.text);
    if (end < 0 || !(times > 0 && times <= MAX_REPEATS))
      throw new Error(`line ${step.at}: repeat needs a number and an end`);
    for (let n = 0; n < times; n++)
      for (const inner of steps.slice(at + 1, end))
        yield { ...inner, text: inner.text.replaceAll('$#', String(100 + n)) };
    at = end;
  }
}

class Player {
  lastHeard: string | undefined;
  readonly #pool: DialectPool;
  readonly #rules: WireRules;
  readonly #miners = new Map<string, Firmware>();
  /** Strings the script kept, and whole jobs. */
  readonly #names: Map<string, string>;
  readonly #jobs = new Map<string, readonly unknown[]>();
  #miner: Firmware | undefined;
  #share: FoundShare | undefined;
  #versionBits = 0;
  /** The last share is no real one: the pool can only say that it is too easy. */
  #madeUp = false;
  #madeUpCount = 0;

  constructor(pool: DialectPool, rules: WireRules, { user, password }: PlayOptions) {
    this.#pool = pool;
    this.#rules = rules;
    this.#names = new Map([
      ['user', user],
      ['password', password],
    ]);
  }

  close(): void {
    for (const miner of this.#miners.values()) {
      this.#rules.closed(miner);
      miner.close();
    }
  }

  async play({ verb, text }: Step): Promise<void> {
    switch (verb) {
      case '>':
        return (await this.#connected()).say(`${this.#filled(text)}\n`);
      case '>r':
        return (await this.#connected()).say(`${this.#filled(text)}\r\n`);
      case '>+':
        return (await this.#connected()).say(this.#filled(text));
      case '<':
        return this.#expect(await this.#hear(), text);
      case '~':
        return this.#hearUntil(text);
      case '=':
        return this.#verdict(text);
      case '?':
        return this.#check(text);
      case 'share':
        return this.#findShare(text);
      case 'fake':
        return this.#fakeShare(text);
      case 'keep':
        return void this.#jobs.set(text, (await this.#connected()).job);
      case 'connect':
        return void (await this.#connect(text));
      case 'use':
        return void (this.#miner = this.#miners.get(text) ?? fail(`no connection ${text}`));
      case 'quiet':
        return this.#quiet();
      case 'restart':
        this.close();
        this.#miners.clear();
        this.#miner = undefined;
        return (this.#pool.restart ?? untold('it cannot be restarted from here'))();
      case 'ledger':
        return equal(await this.#record().shares(), JSON.parse(this.#filled(text)), 'shares on record');
      case 'credited':
        return equal(await this.#record().creditedDifficulties(), JSON.parse(text), 'difficulties credited');
      case 'authorized':
        return equal(await this.#record().authorizedAtEnd(), Number(text), 'authorized workers on record');
      case 'repeat':
      case 'end':
        throw new Error('repeats do not nest');
    }
  }

  async #connected(): Promise<Firmware> {
    return (this.#miner ??= await this.#connect(''));
  }

  async #connect(name: string): Promise<Firmware> {
    const miner = await Firmware.connect(this.#pool.host, this.#pool.port);
    miner.onHeard = (heard) => this.#rules.hear(miner, heard);
    this.#miners.set(name, miner);
    return (this.#miner = miner);
  }

  async #hear(): Promise<Heard> {
    const heard = await (await this.#connected()).hear();
    this.lastHeard = heard.raw;
    return heard;
  }

  /** Notifications may come before it, answers may not. */
  async #hearUntil(pattern: string): Promise<void> {
    for (;;) {
      const heard = await this.#hear();
      if (heard.method !== undefined && !this.#fits(heard, pattern)) continue;
      return this.#expect(heard, pattern);
    }
  }

  #expect(heard: Heard, pattern: string): void {
    if (!this.#fits(heard, pattern)) throw new Error(`expected ${pattern}`);
  }

  #fits({ raw }: Heard, pattern: string): boolean {
    return matches(JSON.parse(raw), JSON.parse(this.#filled(pattern)), (name, value) => this.#names.set(name, value));
  }

  /** `accepted ID`; `judged ID`, which may be too easy as well; or `refused CODE ID`, the code possibly several: `21|20`. */
  async #verdict(text: string): Promise<void> {
    const [verdict, ...rest] = this.#filled(text).split(' ');
    const id = JSON.parse(rest.at(-1)!) as unknown;
    const heard = await (await this.#connected()).answer();
    this.lastHeard = heard.raw;
    equal(heard.id, id, 'id of the answer');
    const code = Array.isArray(heard.error) ? (heard.error[0] as unknown) : undefined;
    if (verdict === 'accepted' || verdict === 'judged') {
      if (heard.result === true && heard.error === null) return;
      if ((this.#madeUp || verdict === 'judged') && code === LOW_DIFFICULTY) return;
      throw new Error(`expected the share to be ${verdict}`);
    }
    if (verdict !== 'refused') throw new Error(`a share is accepted, judged or refused, not ${verdict}`);
    if (heard.result === true) throw new Error(`expected the share to be refused with ${rest[0]}`);
    if (
      rest[0]!
        .split('|')
        .map(Number)
        .includes(code as number)
    )
      return;
    if (this.#madeUp && code === LOW_DIFFICULTY) throw new Untold('shares are too hard to find here');
    throw new Error(`expected the share to be refused with ${rest[0]}`);
  }

  async #check(text: string): Promise<void> {
    const [name, ...comparison] = this.#filled(text).split(' ');
    const miner = await this.#connected();
    const values: Record<string, number> = {
      difficulty: miner.difficulty,
      extranonce2: miner.extranonce2Size,
      extranonce1: miner.extranonce1.length / 2,
      mask: miner.versionMask,
      configured: miner.configured,
    };
    const value = values[name!] ?? fail(`nothing is called ${name}`);
    if (!compares(value, comparison.join(''))) throw new Error(`${name} is ${value}, expected ${comparison.join(' ')}`);
  }

  /** `bits=HEX` rolls the version, `on=NAME` takes a job that was kept. */
  async #findShare(text: string): Promise<void> {
    const miner = await this.#connected();
    const options = new Map(text.split(' ').map((part) => part.split('=') as [string, string]));
    const kept = options.get('on');
    const present = miner.job;
    const bits = options.get('bits');
    this.#versionBits = bits === undefined ? 0 : parseInt(bits, 16);
    if (miner.difficulty > HARDEST_SHARE) return this.#fakeShare('');
    if (kept !== undefined) miner.job = this.#jobs.get(kept) ?? fail(`no job was kept as ${kept}`);
    const mask = miner.versionMask;
    const version = parseInt(miner.job[5] as string, 16);
    this.#share = miner.share(bits === undefined ? undefined : ((version & ~mask) | (this.#versionBits & mask)) >>> 0);
    miner.job = present;
    this.#madeUp = false;
  }

  /** A share nobody looked for, which no pool but the easiest takes. */
  async #fakeShare(text: string): Promise<void> {
    const { job, extranonce2Size } = await this.#connected();
    // Each another one, or the pool would call it a duplicate.
    const nonce = text === '' ? FIRST_MADE_UP + this.#madeUpCount++ : parseInt(text, 16);
    this.#share = {
      jobId: job[0] as string,
      extranonce2: '00'.repeat(extranonce2Size),
      ntime: job[7] as string,
      nonce,
    };
    this.#madeUp = text === '';
  }

  /** Nothing but answers to what is asked: no line that nobody expected is on its way. */
  async #quiet(): Promise<void> {
    const miner = await this.#connected();
    miner.say('{"id":424242,"method":"mining.ping","params":[]}\n');
    const heard = await this.#hear();
    if (heard.id !== 424242) throw new Error('expected no line');
  }

  #record(): NonNullable<DialectPool['record']> {
    return this.#pool.record ?? untold('its records cannot be read from here');
  }

  /** Names behind `$`; what is none stays, such as `$any`. */
  #filled(text: string): string {
    const share = this.#share;
    const miner = this.#miner;
    return text.replace(/\$([a-zA-Z0-9_]+)(\.upper|\.bare)?/g, (whole, name: string, spelling: string | undefined) => {
      const found: Record<string, string | undefined> = {
        job: share?.jobId,
        extranonce2: share?.extranonce2,
        ntime: share?.ntime,
        nonce: share === undefined ? undefined : hex32(share.nonce),
        bits: hex32(this.#versionBits),
        currentJob: miner?.job[0] as string | undefined,
        extranonce1: miner?.extranonce1,
      };
      const value = this.#names.get(name) ?? found[name];
      if (value === undefined) return whole;
      if (spelling === '.upper') return value.toUpperCase();
      return spelling === '.bare' ? value.replace(/^0+(?=.)/, '') : value;
    });
  }
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(sorted(actual)), JSON.stringify(sorted(expected))];
  if (left !== right) throw new Error(`${what}: ${left}, expected ${right}`);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function fail(problem: string): never {
  throw new Error(problem);
}

function untold(why: string): never {
  throw new Untold(why);
}
