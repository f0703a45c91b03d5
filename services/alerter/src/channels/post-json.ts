// One POST of JSON to somebody else's server: to a checked address, with bounded time and answer, and without following redirects, which
// would lead past the check.
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { ForbiddenAddress, forbiddenHost, guardedLookup, type OutboundPolicy } from './outbound-policy.ts';

export interface PostOptions extends OutboundPolicy {
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** Certificates to trust besides the usual ones. */
  readonly ca?: string;
  readonly resolveName?: Parameters<typeof guardedLookup>[1];
}

export type PostOutcome =
  | {
      readonly type: 'answered';
      readonly status: number;
      /** From Retry-After, when it was sent with a number of seconds or a date. */
      readonly retryAfterMs: number | undefined;
      /** Its first bytes. */
      readonly body: string;
    }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'forbidden'; readonly reason: string };

/** An answer is a word or a small object: more is not read. */
export const MAX_ANSWER_BYTES = 65_536;

const USER_AGENT = 'assay-alerter/1';

/** Never rejects. Reasons name the host and never the path, which may be a secret. */
export function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  options: PostOptions,
  signal: AbortSignal,
): Promise<PostOutcome> {
  const target = parseTarget(url, options);
  if (typeof target === 'string') return Promise.resolve({ type: 'forbidden', reason: target });
  const within = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      if (error instanceof ForbiddenAddress) return resolve({ type: 'forbidden', reason: error.message });
      resolve({ type: 'failed', reason: `${target.host}: ${reasonOf(error, within, options.timeoutMs)}` });
    };
    const send = target.protocol === 'https:' ? requestTls : requestPlain;
    const request = send(target, {
      method: 'POST',
      // No connection is kept: the next one is checked again.
      agent: false,
      lookup: guardedLookup(options, options.resolveName),
      signal: within,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'user-agent': USER_AGENT,
        ...headers,
      },
    });
    request.on('error', failed);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const answered = (): void =>
        resolve({
          type: 'answered',
          status: response.statusCode ?? 0,
          retryAfterMs: retryAfterMs(response.headers['retry-after']),
          body: Buffer.concat(chunks).toString('utf8').slice(0, MAX_ANSWER_BYTES),
        });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes < MAX_ANSWER_BYTES) return;
        // What it wanted to say is known by its status.
        answered();
        request.destroy();
      });
      response.on('end', answered);
      response.on('error', failed);
    });
    request.end(body);
  });
}

/** The URL, or why it cannot be used. */
function parseTarget(url: string, policy: OutboundPolicy): URL | string {
  if (!URL.canParse(url)) return 'the URL cannot be read';
  const target = new URL(url);
  if (target.protocol !== 'https:' && !(policy.allowPrivate && target.protocol === 'http:')) {
    return `${target.host}: only https is allowed`;
  }
  if (target.username !== '' || target.password !== '') return `${target.host}: a URL must hold no login`;
  return forbiddenHost(target.hostname, policy) ?? target;
}

function reasonOf(error: unknown, within: AbortSignal, timeoutMs: number): string {
  if (within.aborted && within.reason instanceof DOMException && within.reason.name === 'TimeoutError') {
    return `no answer within ${timeoutMs} ms`;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
