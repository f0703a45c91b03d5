// What a session answers to each request but submit. Any order of the handshake is taken: configure, subscribe and authorize come
// as each firmware likes them, and again. Every request gets an answer, with one exception that is noted where it is made.
import { bytesFromHex, hexFromUint32 } from '@assay/kernel';
import { difficultyFromHash, type Algorithm } from '@assay/mining';
import { parsePasswordOptions, parseUsername } from '@assay/tenancy';
import { ERROR_OTHER, ERROR_UNAUTHORIZED } from './error-codes.ts';
import type { StratumReply, StratumRequest } from './message-codec.ts';
import { encodeCall, encodeError, encodeResult, encodeSubscribed, encodeTrue } from './message-encoder.ts';
import type { NamedWorker } from './session-listener.ts';
import type { SessionWorker, StratumSession } from './session.ts';

/** What has to happen, in this order. */
export type SessionEffect<Worker> =
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  /** A worker can now mine here: authorized, on a subscribed connection. Once per worker and connection. */
  | { readonly type: 'authorized'; readonly worker: SessionWorker<Worker> }
  /** The request was one we do not know; an error is sent all the same. */
  | { readonly type: 'unknown_method' }
  /** Somebody gave a wrong secret for this worker; an error is sent all the same. */
  | { readonly type: 'wrong_secret'; readonly worker: string; readonly secret: string };

type Effects<Worker> = readonly SessionEffect<Worker>[];

const SERVER_VERSION = 'assay/0.1';
const MAX_USER_AGENT_LENGTH = 64;
/** Id of what we ask miners; their replies to it say who they are. */
export const VERSION_REQUEST_ID = 7_171_717;
/** So many ids after it are used in turn by who asks again and again, so that a late answer is not taken for that to the next question. */
const VERSION_REQUEST_IDS = 16;
const numberedRequests = Array.from({ length: VERSION_REQUEST_IDS }, (_, i) =>
  encodeCall('client.get_version', [], VERSION_REQUEST_ID + 1 + i),
);

/** Handles everything but mining.submit. */
export function handleRequest<Worker extends NamedWorker>(
  session: StratumSession<Worker>,
  request: StratumRequest,
  nowUs: number,
): Effects<Worker> {
  switch (request.method) {
    case 'mining.subscribe':
      return subscribe(session, request, nowUs);
    case 'mining.authorize':
      return authorize(session, request, nowUs);
    case 'mining.configure':
      return configure(session, request, nowUs);
    case 'mining.extranonce.subscribe':
      session.extranonceSubscribed = true;
      return [send(encodeTrue(request.id))];
    case 'mining.suggest_difficulty':
      return suggest(session, request, positiveNumber(request.params[0]), nowUs);
    case 'mining.suggest_target':
      return suggest(session, request, difficultyOfTarget(request.params[0], session.listener.algorithm), nowUs);
    case 'mining.get_transactions':
      // Our jobs name no transactions besides the coinbase, so the list of the others is empty.
      return [send(encodeResult(request.id, []))];
    case 'mining.ping':
      return [send(encodeResult(request.id, 'pong'))];
    case 'mining.pong':
    case 'pong':
      // Some miners answer a ping by a call of their own instead of a result; it asks for nothing.
      return [];
    case 'client.get_version':
      return [send(encodeResult(request.id, SERVER_VERSION))];
    case 'mining.capabilities':
      return isSilent(session, request) ? [] : [send(encodeTrue(request.id))];
    default:
      return [
        { type: 'unknown_method' },
        send(encodeError(request.id, { code: ERROR_OTHER, message: 'Unknown method' })),
      ];
  }
}

/**
 * A miner's answer to something we asked. Only its version interests us, and that it answered: whether it knows what it was asked or not.
 * Returns the id of the version request, undefined where it answers something else.
 */
export function handleReply<Worker extends NamedWorker>(
  session: StratumSession<Worker>,
  reply: StratumReply,
): number | undefined {
  const id = Number(Buffer.from(reply.id).toString('latin1'));
  if (!(id >= VERSION_REQUEST_ID && id <= VERSION_REQUEST_ID + VERSION_REQUEST_IDS)) return undefined;
  const userAgent = userAgentOf(reply.result);
  // The string it has is kept where it is the same: there is one for every connection.
  if (userAgent !== '' && userAgent !== session.userAgent) session.userAgent = userAgent;
  return id;
}

export function encodeVersionRequest(): Uint8Array {
  return encodeCall('client.get_version', [], VERSION_REQUEST_ID);
}

/** The same under the id that the so-manieth question of a connection has. The bytes are shared: they are only to be sent. */
export function numberedVersionRequest(question: number): { readonly id: number; readonly bytes: Uint8Array } {
  const turn = question % VERSION_REQUEST_IDS;
  return { id: VERSION_REQUEST_ID + 1 + turn, bytes: numberedRequests[turn]! };
}

/** Asks the miner to connect elsewhere; without a host, to this one again. */
export function encodeReconnect(host: string | undefined, port: number | undefined, waitSeconds: number): Uint8Array {
  return encodeCall(
    'client.reconnect',
    host === undefined && port === undefined ? [] : [host ?? '', port ?? 0, waitSeconds],
  );
}

export function encodeShowMessage(text: string): Uint8Array {
  return encodeCall('client.show_message', [text]);
}

function subscribe<Worker extends NamedWorker>(
  session: StratumSession<Worker>,
  request: StratumRequest,
  nowUs: number,
): Effects<Worker> {
  // Params are the user agent and, from miners that come back, a session id; rental markets add a timestamp and an HMAC. None of
  // them changes the answer: a connection keeps its one extranonce1, also when it subscribes again.
  const first = !session.subscribed;
  session.subscribed = true;
  session.userAgent = userAgentOf(request.params[0]) || session.userAgent;
  const effects: SessionEffect<Worker>[] = [
    send(encodeSubscribed(request.id, session.extranonce1, session.listener.extranonce2Bytes)),
  ];
  if (first) {
    for (const worker of session.workers) effects.push({ type: 'authorized', worker });
    addBytes(effects, session.begin(nowUs));
  }
  return effects;
}

function authorize<Worker extends NamedWorker>(
  session: StratumSession<Worker>,
  request: StratumRequest,
  nowUs: number,
): Effects<Worker> {
  const sent = textOf(request.params[0]);
  const refuse = (message: string): Effects<Worker> => [
    send(encodeError(request.id, { code: ERROR_UNAUTHORIZED, message }, 'false')),
  ];
  const name = sent === undefined ? undefined : parseUsername(sent);
  if (sent === undefined || name === undefined) {
    return refuse('Bad worker name: at most 127 letters, digits and . _ + @ : / = - as in tenant.site.rack.machine');
  }
  const known = session.workers.findIndex((one) => one.worker.name.worker === name.worker);
  if (known < 0 && session.workers.length >= session.listener.maxWorkersPerConnection) {
    return refuse(`Too many workers on this connection, at most ${session.listener.maxWorkersPerConnection}`);
  }
  const options = parsePasswordOptions(textOf(request.params[1]) ?? '');
  const authorization = session.listener.authorize(name, options);
  if (!authorization.allowed) {
    const refused = refuse(authorization.message);
    if (authorization.wrongSecret !== true) return refused;
    return [...refused, { type: 'wrong_secret', worker: name.worker, secret: options.secret }];
  }
  const effects: SessionEffect<Worker>[] = [send(encodeTrue(request.id))];
  const { worker: record, lastKnownDifficulty, jobs = session.listener.jobs } = authorization;
  const isFirst = session.workers.length === 0;
  if (!isFirst && known < 0 && jobs !== session.jobs)
    return refuse(
      'This worker mines for another pool than the first of this connection: give it a connection of its own',
    );
  const worker: SessionWorker<Worker> = {
    // The same string as the record's where it is the same name: it is kept for every connection.
    sent: sent === record.name.worker ? record.name.worker : sent,
    worker: record,
    passwordDifficulty: options.difficulty,
    lastKnownDifficulty,
  };
  if (known >= 0) {
    // Authorized before: its name may be spelled anew. A starting difficulty no longer starts anything.
    session.workers[known] = worker;
    return effects;
  }
  session.workers.push(worker);
  if (session.subscribed) effects.push({ type: 'authorized', worker });
  // The first worker says where the connection's work comes from.
  addBytes(effects, isFirst ? (session.follow(jobs, nowUs) ?? session.begin(nowUs)) : session.begin(nowUs));
  return effects;
}

function configure<Worker extends NamedWorker>(
  session: StratumSession<Worker>,
  request: StratumRequest,
  nowUs: number,
): Effects<Worker> {
  const [extensions, given] = request.params;
  if (!Array.isArray(extensions))
    return [send(encodeError(request.id, { code: ERROR_OTHER, message: 'Configure needs a list of extensions' }))];
  const options = (typeof given === 'object' && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
  const result: Record<string, boolean | string> = {};
  let raised: Uint8Array | undefined;
  for (const extension of extensions.slice(0, 16)) {
    switch (extension) {
      case 'version-rolling': {
        session.versionMask = (maskOf(options['version-rolling.mask']) & session.listener.versionMask) >>> 0;
        // As far as its work is known by now: another source may allow more or less, and its first job says so.
        const granted = session.maskOf(session.jobs.current);
        const wantedBits = positiveNumber(options['version-rolling.min-bit-count']) ?? 1;
        const enough = granted !== 0 && bitCount(granted) >= wantedBits;
        if (!enough) session.versionMask = 0;
        result['version-rolling'] = enough;
        if (enough) result['version-rolling.mask'] = hexFromUint32(granted);
        break;
      }
      case 'minimum-difficulty': {
        const value = positiveNumber(options['minimum-difficulty.value']);
        if (value !== undefined) raised = session.raiseMinimumDifficulty(value, nowUs);
        result['minimum-difficulty'] = value !== undefined;
        break;
      }
      case 'subscribe-extranonce':
        session.extranonceSubscribed = true;
        result['subscribe-extranonce'] = true;
        break;
      case 'info':
        result['info'] = true;
        break;
      default:
        if (typeof extension === 'string') result[extension.slice(0, 64)] = false;
    }
  }
  const effects: SessionEffect<Worker>[] = [send(encodeResult(request.id, result))];
  // Antminer firmware configures after authorize: the mask that would have come before the first job comes now.
  addBytes(effects, session.onConfigured());
  addBytes(effects, raised);
  return effects;
}

function suggest<Worker extends NamedWorker>(
  session: StratumSession<Worker>,
  request: StratumRequest,
  difficulty: number | undefined,
  nowUs: number,
): Effects<Worker> {
  const effects: SessionEffect<Worker>[] = [];
  if (!isSilent(session, request)) {
    if (difficulty === undefined)
      return [
        send(encodeError(request.id, { code: ERROR_OTHER, message: 'Suggestion is not a difficulty or target' })),
      ];
    effects.push(send(encodeTrue(request.id)));
  }
  if (difficulty !== undefined) addBytes(effects, session.suggest(difficulty, nowUs));
  return effects;
}

/**
 * The one exception: BFGMiner sends suggest_target (and mining.capabilities) as notifications, with the id null, ahead of
 * subscribe, and takes the next line it reads for the answer to subscribe.
 */
function isSilent<Worker extends NamedWorker>(session: StratumSession<Worker>, request: StratumRequest): boolean {
  return !session.subscribed && Buffer.from(request.id).toString('latin1') === 'null';
}

function send<Worker>(bytes: Uint8Array): SessionEffect<Worker> {
  return { type: 'send', bytes };
}

function addBytes<Worker>(effects: SessionEffect<Worker>[], bytes: Uint8Array | undefined): void {
  if (bytes !== undefined) effects.push({ type: 'send', bytes });
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** Printable ASCII, cut to what a page can show. */
function userAgentOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_USER_AGENT_LENGTH).replace(/[^\x20-\x7e]/g, '?') : '';
}

function positiveNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.length <= 32 ? Number(value) : value;
  return typeof number === 'number' && number > 0 && Number.isFinite(number) ? number : undefined;
}

/** A mask as hex; without one, or with one that is none, every bit is asked for, as BIP310 has it. */
function maskOf(value: unknown): number {
  const mask = typeof value === 'string' && /^(0x)?[0-9a-f]{1,8}$/i.test(value) ? parseInt(value, 16) : 0xffffffff;
  return mask >>> 0;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** A target is 64 hex digits, big-endian; fewer count from the right. */
function difficultyOfTarget(value: unknown, algorithm: Algorithm): number | undefined {
  if (typeof value !== 'string' || value.length > 66) return undefined;
  const bytes = bytesFromHex(value.replace(/^0x/i, '').padStart(64, '0'));
  if (bytes === undefined || bytes.length !== 32) return undefined;
  return positiveNumber(difficultyFromHash(bytes.reverse(), 0, algorithm));
}
