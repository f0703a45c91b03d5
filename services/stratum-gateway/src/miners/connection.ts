// One miner's socket: bytes in to lines, bytes out in order. All that is common to connections is in the server; what an idle
// connection costs is this object, its session and its socket, without a closure or a timer of its own.
// Invariants: a reply never overtakes the answer to an earlier submit; a miner that does not read is closed before more than
// `maxOutboundBytes` wait for it.
import type { Socket } from 'node:net';
import { REJECT_REASONS } from '@assay/mining';
import { LineFramer, type LineReceiver, type StratumSession } from '@assay/stratum';
import { POINTS } from '../defence/misconduct.ts';
import type { Source } from '../defence/sources.ts';
import type { CloseReason } from '../gateway-tallies.ts';
import type { ListeningPort } from './listening-port.ts';
import type { StratumServer } from './stratum-server.ts';
import { TokenBucket } from './token-bucket.ts';
import type { WorkerRecord } from './worker-registry.ts';

/**
 * Answers that may wait for one connection before no more is read from it. A flood of 8,000 shares from one connection fills eight blocks,
 * and whoever submits meanwhile waits for all of them; held to this, its shares and everybody else's go into the same block. A miner
 * has one or two under way; a proxy of a farm gets 256 per append to the log, some 10,000 a second.
 */
const MAX_WAITING_ITEMS = 256;

export class Connection implements LineReceiver {
  readonly server: StratumServer;
  readonly socket: Socket;
  readonly session: StratumSession<WorkerRecord>;
  readonly port: ListeningPort;
  readonly address: string;
  /** What is known of where it comes from; shared with the other connections from there. */
  readonly source: Source;
  /** Numbers the connections of a gateway; its name in worker events. */
  readonly serial: number;
  readonly openedAtUs: number;
  readonly bucket: TokenBucket;
  readonly #framer = new LineFramer();
  /** Its place in the server's list. */
  index = 0;
  lastReadUs: number;
  lastJobUs = 0;
  badLines = 0;
  wrongSecrets = 0;
  /** Whether it ever asked for anything we know. */
  asked = false;
  /** Whether nothing is read until its answers are sent. */
  paused = false;
  /** When the first byte of the line came that is not complete yet; 0 between lines. */
  lineBeganUs = 0;
  /** Requests refused because they came too fast, less those let through since. */
  refusedBalance = 0;
  closeReason: CloseReason | undefined = undefined;
  closedAtUs = 0;

  /** When it is asked next how it does (latency-probe.ts); 0 before that is known, Infinity for never. */
  nextQuestionUs = 0;
  /** When it was asked what it has not answered; 0 when nothing is awaited. */
  askedAtUs = 0;
  questions = 0;
  answers = 0;

  /** Answers that wait for the log, and how many of them are replies other than to submits. */
  waitingItems = 0;
  waitingReplies = 0;
  /** Used while a batch is answered. */
  answerLength = 0;
  answerEnd = 0;

  constructor(
    server: StratumServer,
    socket: Socket,
    session: StratumSession<WorkerRecord>,
    port: ListeningPort,
    address: string,
    source: Source,
    serial: number,
    nowUs: number,
  ) {
    this.server = server;
    this.socket = socket;
    this.session = session;
    this.port = port;
    this.address = address;
    this.source = source;
    this.serial = serial;
    this.openedAtUs = this.lastReadUs = nowUs;
    this.bucket = new TokenBucket(server.submitBurst, nowUs);
  }

  /** Bytes from the socket: the first `length` of `chunk`. */
  read(chunk: Uint8Array, length: number, nowUs: number): void {
    if (this.closeReason !== undefined) return;
    this.lastReadUs = nowUs;
    if (this.#framer.push(chunk, length, this.server.maxLineBytes, this) === 'too_long') this.server.lineTooLong(this);
    if (this.waitingItems > MAX_WAITING_ITEMS && !this.paused) {
      this.paused = true;
      this.socket.pause();
    }
    if (this.#framer.retainedBytes === 0) this.lineBeganUs = 0;
    else if (this.lineBeganUs === 0) this.lineBeganUs = nowUs;
  }

  /** Bytes held for it: an unfinished line, and what it has not read. */
  get heldBytes(): number {
    return this.#framer.retainedBytes + this.socket.writableLength;
  }

  line(bytes: Uint8Array, start: number, end: number): boolean {
    this.lineBeganUs = 0;
    this.server.handleLine(this, bytes, start, end);
    return this.closeReason === undefined;
  }

  /** The answer to a request: after those to the submits before it. Where too much waits for the log already, at once. */
  reply(bytes: Uint8Array): void {
    const { pipeline } = this.port;
    if (this.waitingItems > 0 && !pipeline.atBound) pipeline.addReply(this, bytes);
    else this.write(bytes);
  }

  /** What no one asked for: it may overtake answers to submits, but not other replies, since a job must not overtake its difficulty. */
  notify(bytes: Uint8Array): void {
    const { pipeline } = this.port;
    if (this.waitingReplies > 0 && !pipeline.atBound) pipeline.addReply(this, bytes);
    else this.write(bytes);
  }

  write(bytes: Uint8Array): void {
    const { socket, server } = this;
    if (!socket.writable) return;
    server.tallies.sentBytes += bytes.length;
    if (!socket.write(bytes) && socket.writableLength > server.maxOutboundBytes) this.destroy('slow_reader');
  }

  onAccepted(shareDifficulty: number, nowUs: number): void {
    const bytes = this.session.onAccepted(shareDifficulty, nowUs);
    if (bytes !== undefined) this.notify(bytes);
  }

  /** What became of a share of its, once it is answered. */
  judged(rejectCode: number, nowUs: number): void {
    if (rejectCode === 0) this.source.misconduct.acceptedShare(nowUs);
    else this.server.misbehaved(this, POINTS[REJECT_REASONS[rejectCode]!], nowUs);
  }

  /** Reads no more; closes when every answer that waits is sent. */
  close(reason: CloseReason, nowUs: number): void {
    if (this.closeReason !== undefined) return;
    this.closeReason = reason;
    this.closedAtUs = nowUs;
    this.answered();
  }

  /** Answers that waited were sent. */
  answered(): void {
    if (this.closeReason !== undefined) {
      if (this.waitingItems === 0) this.socket.destroySoon();
    } else if (this.paused && this.waitingItems <= MAX_WAITING_ITEMS / 2) {
      this.paused = false;
      this.socket.resume();
    }
  }

  /** Closes at once. */
  destroy(reason: CloseReason): void {
    this.closeReason ??= reason;
    this.socket.destroy();
  }
}
