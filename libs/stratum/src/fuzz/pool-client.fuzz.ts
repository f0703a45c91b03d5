// Any lines of a pool, in any order, while we submit and ask for accounts: our side never throws, says nothing but whole lines, tells no job
// that lacks a difficulty, room or an authorized account, answers each request once, and holds no more requests than it may.
import { assert } from '@assay/kernel';
import { MAX_POOL_REQUESTS, PoolClient, type PoolEffect, type PoolJob } from '../pool-client.ts';

const MASK = 0x1fffe000;
const LEAST_EXTRANONCE2_BYTES = 8;
const MAX_EFFECTS = 4;
/** Unusable lines without a good job between them after which a pool has been given up. */
const MAX_UNUSABLE_LINES = 40;
const MAX_TEXT = 256;
const BANG = 0x21;
const PLAIN = /^[\x20-\x7e]*$/;

export function fuzzOne(data: Uint8Array): void {
  const life = new PoolLife();
  for (let start = 0; start < data.length && !life.failed;) {
    const lineFeed = data.indexOf(10, start);
    const end = lineFeed < 0 ? data.length : lineFeed;
    if (data[start] === BANG) life.event(Buffer.from(data.subarray(start + 1, end)).toString('latin1'));
    else life.line(data, start, end);
    start = end + 1;
  }
}

class PoolLife {
  failed = false;
  #client: PoolClient;
  #job: PoolJob | undefined;
  #unusable = 0;
  /** Requests of ours that were not answered yet, by number. */
  #asked = new Map<number, 'answer' | 'account'>();

  constructor() {
    this.#client = this.#begin('');
  }

  line(data: Uint8Array, start: number, end: number): void {
    const effects = this.#client.receive(data, start, end);
    assert(effects.length <= MAX_EFFECTS, `${effects.length} effects of one line`);
    if (effects.some(({ type }) => type === 'problem')) this.#unusable++;
    else if (Buffer.from(data.subarray(start, end)).includes('notify')) this.#unusable = 0;
    this.#take(effects);
    assert(this.failed || this.#unusable < MAX_UNUSABLE_LINES, 'a pool that says nothing usable is listened to');
    assert(this.#client.unanswered <= MAX_POOL_REQUESTS, 'too many requests');
  }

  event(text: string): void {
    switch (text) {
      case 'submit': {
        if (this.#job === undefined) return;
        const { idJson: jobIdJson, extranonce2Bytes, ntime, versionMask } = this.#job;
        const call = this.#client.submit({
          ...{ account: 'u', jobIdJson, extranonce2: new Uint8Array(extranonce2Bytes), ntime, nonce: 1 },
          versionBits: versionMask === 0 ? undefined : versionMask,
        });
        if (call === undefined) return;
        checkLine(call.line);
        this.#asked.set(call.request, 'answer');
        return;
      }
      case 'account': {
        const call = this.#client.authorize('u.other');
        if (call === undefined) return;
        checkLine(call.line);
        this.#asked.set(call.request, 'account');
        return;
      }
      case 'assume':
        return this.#take(this.#client.assumeDifficulty());
      case 'again':
        // Another connection, which takes the session up again.
        this.#job = undefined;
        this.#unusable = 0;
        this.#asked = new Map();
        this.#client = this.#begin(this.#client.sessionId);
        return;
      default:
    }
  }

  #begin(sessionId: string): PoolClient {
    const pool = { host: 'pool.example.com', port: 3333 };
    const ours = { agent: 'fuzz/1', user: 'u', password: 'x', versionMask: MASK };
    const client = new PoolClient({
      ...pool,
      ...ours,
      extensions: ['configure', 'extranonce'],
      leastExtranonce2Bytes: LEAST_EXTRANONCE2_BYTES,
      sessionId,
    });
    for (const effect of client.begin()) if (effect.type === 'send') checkLine(effect.line);
    return client;
  }

  #take(effects: readonly PoolEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          checkLine(effect.line);
          break;
        case 'job':
          checkJob(effect.job);
          this.#job = effect.job;
          break;
        case 'answer':
        case 'account':
          assert(this.#asked.get(effect.request) === effect.type, 'an answer to what was not asked');
          this.#asked.delete(effect.request);
          checkText(effect.reason);
          break;
        case 'redirect':
          assert(effect.to.port > 0 && effect.to.port < 65_536, 'sent to no port');
          break;
        case 'message':
          checkText(effect.text);
          break;
        case 'failed':
          checkText(effect.reason);
          this.failed = true;
          break;
        case 'problem':
      }
    }
  }
}

function checkJob({ difficulty, extranonce1, extranonce2Bytes, versionMask, idJson, merkleBranches }: PoolJob): void {
  assert(difficulty > 0 && Number.isFinite(difficulty), `a job of difficulty ${difficulty}`);
  assert(extranonce2Bytes >= LEAST_EXTRANONCE2_BYTES && extranonce2Bytes <= 64, `${extranonce2Bytes} bytes of room`);
  assert(extranonce1.length <= 64, `an extranonce1 of ${extranonce1.length} bytes`);
  assert((versionMask & ~MASK) === 0, 'version bits nobody asked for');
  assert(merkleBranches.length % 32 === 0, 'half a branch');
  JSON.parse(idJson);
}

function checkLine(line: Uint8Array): void {
  const text = Buffer.from(line).toString('utf8');
  assert(text.endsWith('\n') && !text.slice(0, -1).includes('\n'), 'not one whole line');
  JSON.parse(text);
}

function checkText(text: string): void {
  assert(text.length <= MAX_TEXT && PLAIN.test(text), `no plain text: ${JSON.stringify(text.slice(0, 80))}`);
}
