// One simulated machine on a real TCP connection: it hashes at its rate, submits what it finds, and fails the way its ailment says.
import { connect, type Socket } from 'node:net';
import { MICROS_PER_SECOND, type Clock, type Random } from '@assay/kernel';
import { MinerSession, type Answer, type Work } from '../miner/miner-session.ts';
import type { NonceSearch } from '../miner/nonce-search.ts';
import { workingFraction, type MachineSpec } from './machine-model.ts';

export interface PoolAddress {
  readonly host: string;
  readonly port: number;
}

export interface MachineEvents {
  /** Called before a submit is written; its answer carries the same `work` and nonce. */
  readonly onSubmit?: (work: Work, nonce: number) => void;
  /** Called for every submit the pool answered. */
  readonly onAnswer?: (answer: Answer) => void;
}

const RECONNECT_SECONDS = 2;
/** Never catches up more than this much hashing after a pause: a machine does not work faster because its host was busy. */
const MAX_CATCH_UP_SECONDS = 1;

export class Machine {
  readonly spec: MachineSpec;
  readonly #pools: readonly PoolAddress[];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #search: NonceSearch;
  readonly #events: MachineEvents;
  readonly #startedUs: number;
  #socket: Socket | undefined;
  #session: MinerSession | undefined;
  #work: Work | undefined;
  #nonce = 0;
  #workedUntilUs = 0;
  #connectAtUs: number;
  #dropAtUs = Infinity;
  #switchAtUs = 0;
  #buffered = '';
  #stopped = false;
  /** Which of the pools is mined at. */
  #pool = 0;

  /** @param pools to mine at: the first, and the next one whenever a connection ends or does not come about */
  constructor(
    spec: MachineSpec,
    pools: readonly PoolAddress[],
    clock: Clock,
    random: Random,
    search: NonceSearch,
    events: MachineEvents,
  ) {
    this.spec = spec;
    this.#pools = pools;
    this.#clock = clock;
    this.#random = random;
    this.#search = search;
    this.#events = events;
    this.#startedUs = clock.nowUs();
    this.#connectAtUs = this.#startedUs;
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  get unanswered(): number {
    return this.#session?.unanswered ?? 0;
  }

  /** Does what is due: connects, drops the connection, hashes for the time since the last call. */
  tick(): void {
    if (this.#stopped) return;
    const nowUs = this.#clock.nowUs();
    if (!this.#socket) {
      if (nowUs >= this.#connectAtUs) this.#connect(nowUs);
      return;
    }
    if (nowUs >= this.#dropAtUs) this.#socket.destroy();
    else this.#mine(nowUs);
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  #connect(nowUs: number): void {
    const socket = connect(this.#pools[this.#pool]!);
    this.#socket = socket;
    const session = new MinerSession(this.spec);
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('connect', () => {
      this.#session = session;
      for (const text of session.open()) this.#write(socket, text);
    });
    socket.on('data', (chunk: string) => this.#receive(session, socket, chunk));
    socket.on('error', () => undefined); // 'close' follows and handles it.
    socket.on('close', () => this.#disconnected());
    const { ailment } = this.spec;
    this.#dropAtUs =
      ailment.type === 'flapping' ? nowUs + this.#random.exponential(ailment.upSeconds) * MICROS_PER_SECOND : Infinity;
  }

  #disconnected(): void {
    const { ailment } = this.spec;
    const pause =
      ailment.type === 'flapping'
        ? this.#random.exponential(ailment.downSeconds)
        : RECONNECT_SECONDS * (0.5 + this.#random.float());
    this.#connectAtUs = this.#clock.nowUs() + pause * MICROS_PER_SECOND;
    this.#socket = undefined;
    this.#session = undefined;
    this.#work = undefined;
    this.#buffered = '';
    this.#pool = (this.#pool + 1) % this.#pools.length;
  }

  #receive(session: MinerSession, socket: Socket, chunk: string): void {
    const lines = (this.#buffered + chunk).split('\n');
    this.#buffered = lines.pop()!;
    for (const text of lines) {
      if (text === '') continue;
      const { send, news } = session.receive(text);
      for (const reply of send) this.#write(socket, reply);
      for (const item of news) {
        if (item.type === 'answer') this.#events.onAnswer?.(item.answer);
        else if (item.type === 'reconnect') socket.destroy();
        else if (item.type === 'job') this.#jobArrived(item.clean);
      }
    }
  }

  #jobArrived(clean: boolean): void {
    const { ailment } = this.spec;
    if (clean && ailment.type === 'stale-prone' && this.#work)
      this.#switchAtUs = this.#clock.nowUs() + ailment.switchSeconds * MICROS_PER_SECOND;
    else this.#work = undefined;
  }

  #mine(nowUs: number): void {
    const session = this.#session;
    const socket = this.#socket;
    if (!session || !socket) return;
    const { ailment, hashRateHs } = this.spec;
    const since = Math.max(this.#workedUntilUs, nowUs - MAX_CATCH_UP_SECONDS * MICROS_PER_SECOND);
    this.#workedUntilUs = nowUs;
    if (ailment.type === 'dead' && nowUs - this.#startedUs > ailment.afterSeconds * MICROS_PER_SECOND) return;
    if (this.#switchAtUs !== 0 && nowUs >= this.#switchAtUs) {
      this.#switchAtUs = 0;
      this.#work = undefined;
    }
    const seconds = (nowUs - since) / MICROS_PER_SECOND;
    let hashes = Math.floor(hashRateHs * workingFraction(ailment) * seconds + this.#random.float());
    while (hashes > 0) {
      if (!this.#work) {
        this.#work = session.work();
        this.#nonce = this.#random.uint32();
        if (!this.#work) return;
      }
      const work = this.#work;
      const spent = this.#search.search(work.header, work.target, this.#nonce, hashes, (nonce) => {
        this.#submit(session, socket, work, nonce);
        return true;
      });
      this.#nonce += spent;
      hashes -= spent;
    }
    if (
      ailment.type === 'bad-board' &&
      this.#work &&
      this.#random.chance((ailment.badSubmitsPerMinute / 60) * seconds)
    ) {
      this.#submit(session, socket, this.#work, this.#random.uint32());
    }
  }

  #submit(session: MinerSession, socket: Socket, work: Work, nonce: number): void {
    const text = session.submit(work, nonce);
    if (text === undefined) return;
    this.#events.onSubmit?.(work, nonce);
    this.#write(socket, text);
  }

  /** Lines overtake each other no more than on a real line: timers of one length run in the order they were set. */
  #write(socket: Socket, text: string): void {
    const { lineMs = 0 } = this.spec;
    if (lineMs === 0) socket.write(text);
    else setTimeout(() => socket.writable && socket.write(text), lineMs);
  }
}
