// How long each machine takes to answer: it is asked client.get_version every so often, the one question stratum has for it, and whatever it
// answers is timed, be it that it does not know the question. What is measured is the way there and back, the machine's own time, and ours
// between the socket and the line: what a share takes, too. Invariants: one question at a time on a connection; nobody is asked who is owed an
// answer by us, since some firmware takes the next line for it; who never answered is asked no more than MAX_UNANSWERED times. No timer
// and no object per connection: ConnectionSweep looks once a second, four numbers stand in Connection.
import { MICROS_PER_SECOND, type Clock } from '@assay/kernel';
import { numberedVersionRequest } from '@assay/stratum';
import type { WorkerLatencies } from '@assay/tenancy';
import type { GatewayTallies } from '../gateway-tallies.ts';
import type { Connection } from '../miners/connection.ts';
import { LatencyMinutes } from './latency-minutes.ts';
import { TouchyFirmware } from './touchy-firmware.ts';

/** Questions to a connection that answered none. */
const MAX_UNANSWERED = 2;
/** Not before the handshake is over for good: miners send extranonce.subscribe and others after the first job. */
const SETTLED_US = 5 * MICROS_PER_SECOND;
/** Who hangs up within this time of a question may have done so because of it. */
const HUNG_UP_US = 10 * MICROS_PER_SECOND;
/** Connections that come at once are asked evenly over the interval: multiples of it, less the whole, fill it without gaps. */
const GOLDEN_RATIO = 0.6180339887498949;

export interface LatencyProbeOptions {
  readonly gatewayName: string;
  /** Between two questions to a connection; not 0. */
  readonly seconds: number;
}

export class LatencyProbe {
  readonly #intervalUs: number;
  readonly #clock: Clock;
  readonly #tallies: GatewayTallies;
  readonly #firmware = new TouchyFirmware();
  readonly #minutes: LatencyMinutes;

  /** @param onRecord takes what was measured in a minute that is over */
  constructor(
    { gatewayName, seconds }: LatencyProbeOptions,
    clock: Clock,
    tallies: GatewayTallies,
    onRecord: (record: WorkerLatencies) => void,
  ) {
    this.#intervalUs = seconds * MICROS_PER_SECOND;
    this.#clock = clock;
    this.#tallies = tallies;
    this.#minutes = new LatencyMinutes(gatewayName, onRecord, () => void tallies.droppedLatencies++);
  }

  /** Asks if it is time to. For connections that have work, some time or other every second. */
  look(connection: Connection, nowUs: number): void {
    if (nowUs < connection.nextQuestionUs) return;
    if (connection.nextQuestionUs === 0) {
      const spread = (connection.serial * GOLDEN_RATIO) % 1;
      connection.nextQuestionUs = nowUs + Math.min(SETTLED_US, this.#intervalUs) + spread * this.#intervalUs;
      return;
    }
    if (connection.askedAtUs > 0) {
      this.#tallies.unansweredQuestions++;
      connection.askedAtUs = 0;
    }
    const { userAgent } = connection.session;
    const neverAnswered = connection.answers === 0;
    if (neverAnswered && (connection.questions >= MAX_UNANSWERED || !this.#firmware.mayBeAsked(userAgent))) {
      connection.nextQuestionUs = Infinity;
      return;
    }
    if (connection.waitingReplies > 0) return;
    // Not at a fixed pace from the first question on: who was asked late once, since answers were owed, is not asked twice in short order.
    connection.nextQuestionUs = nowUs + this.#intervalUs;
    connection.askedAtUs = this.#clock.nowUs();
    this.#tallies.questions++;
    connection.write(numberedVersionRequest(connection.questions++).bytes);
  }

  /** @param id of the question it answers; answers to earlier ones, and those nobody asked for, say nothing. */
  answered(connection: Connection, id: number, nowUs: number): void {
    const { askedAtUs, questions, session } = connection;
    if (askedAtUs === 0 || id !== numberedVersionRequest(questions - 1).id) return;
    connection.askedAtUs = 0;
    if (connection.answers++ === 0) this.#firmware.answered(session.userAgent);
    const latencyUs = Math.max(0, nowUs - askedAtUs);
    this.#tallies.minerLatency.observe(latencyUs / MICROS_PER_SECOND);
    // Behind a proxy it is the proxy that answers: what all its workers have in common.
    for (const { worker } of session.workers) this.#minutes.add(worker.name.worker, latencyUs, nowUs);
  }

  /** The miner hung up, or the connection broke. */
  lost(connection: Connection, nowUs: number): void {
    const { askedAtUs, answers, session } = connection;
    if (askedAtUs === 0 || answers > 0 || nowUs - askedAtUs > HUNG_UP_US) return;
    this.#tallies.hangUpsOnQuestions++;
    this.#firmware.hungUp(session.userAgent);
  }

  /** Time passed. */
  passed(nowUs: number): void {
    this.#minutes.passed(nowUs);
  }

  /** Hands on what was measured in the minute under way. */
  stop(): void {
    this.#minutes.handOn();
  }
}
