// Writes one answer: headers once the first block is there, blocks as fast as the client takes them, and a failure either as an
// HTTP error (nothing was sent yet) or as ClickHouse's tagged exception at the end of the stream.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  type BrotliCompress,
  type Deflate,
  type Gzip,
} from 'node:zlib';
import { failure, type ClickHouseFailure } from './clickhouse-error.ts';
import { contentType } from './formats.ts';
import type { StatementSummary } from './statement-protocol.ts';

type Encoder = Gzip | Deflate | BrotliCompress;

export class Answer {
  readonly #response: ServerResponse;
  readonly #request: IncomingMessage;
  readonly #stallMs: number;
  readonly #version: string;
  readonly #tag = randomBytes(8).toString('hex');
  readonly queryId: string;
  compress = false;
  #encoder: Encoder | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, queryId: string, version: string, stallMs: number) {
    this.#request = request;
    this.#response = response;
    this.queryId = queryId;
    this.#version = version;
    this.#stallMs = stallMs;
  }

  /** Sends the status line. `summary` is what is known by now: all of it for inserts and answers in one piece. */
  begin(format: string | undefined, summary: StatementSummary | undefined): void {
    const headers: Record<string, string> = {
      'X-ClickHouse-Summary': summaryJson(summary),
      'X-ClickHouse-Query-Id': this.queryId,
      'X-ClickHouse-Server-Display-Name': 'assay',
      'X-ClickHouse-Timezone': 'UTC',
      'X-ClickHouse-Exception-Tag': this.#tag,
      'Content-Type': format === undefined ? 'text/plain; charset=UTF-8' : contentType(format),
    };
    if (format !== undefined) headers['X-ClickHouse-Format'] = format;
    const [encoding, encoder] = this.compress ? encoderFor(this.#request) : [undefined, undefined];
    if (encoding !== undefined && encoder !== undefined) {
      headers['Content-Encoding'] = encoding;
      headers['Vary'] = 'Accept-Encoding';
      this.#encoder = encoder;
      encoder.pipe(this.#response);
    }
    this.#response.writeHead(200, headers);
  }

  /** Resolves when the client can take more. Fails when it takes nothing for the stall limit, or has left. */
  write(bytes: Uint8Array): Promise<void> {
    const target = this.#encoder ?? this.#response;
    if (this.#response.destroyed) return Promise.reject(left());
    if (target.write(bytes)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        target.off('drain', onDrain);
        this.#response.off('close', onClose);
        if (error) reject(error);
        else resolve();
      };
      const onDrain = (): void => settle();
      const onClose = (): void => settle(left());
      const timer = setTimeout(() => {
        settle(failure('TIMEOUT_EXCEEDED', `The client took nothing for ${this.#stallMs} ms.`));
        this.#response.destroy();
      }, this.#stallMs);
      target.once('drain', onDrain);
      this.#response.once('close', onClose);
    });
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#response.destroyed || this.#response.writableFinished) return resolve();
      this.#response.once('close', resolve);
      this.#response.once('finish', resolve);
      (this.#encoder ?? this.#response).end();
    });
  }

  /** Tells a failure, whatever was sent before. */
  async fail(error: ClickHouseFailure): Promise<void> {
    const message = `${error.message} (version ${this.#version})`;
    if (this.#response.headersSent) {
      const text = `${message}\n`;
      // Format of ClickHouse since 25.11; the length counts bytes and includes the line break.
      const block = `\r\n__exception__\r\n${this.#tag}\r\n${text}${Buffer.byteLength(text)} ${this.#tag}\r\n__exception__\r\n`;
      await this.write(Buffer.from(block)).catch(() => undefined);
      return this.end();
    }
    const body = Buffer.from(`${message}\n`);
    this.#response.writeHead(error.httpStatus, {
      'Content-Type': 'text/plain; charset=UTF-8',
      'Content-Length': body.byteLength,
      'X-ClickHouse-Exception-Code': error.code,
      'X-ClickHouse-Query-Id': this.queryId,
      'X-ClickHouse-Server-Display-Name': 'assay',
      // A body that was not read to its end leaves the connection in the middle of it.
      ...(this.#request.complete ? {} : { Connection: 'close' }),
      ...(error.httpStatus === 503 ? { 'Retry-After': '1' } : {}),
    });
    this.#response.write(body);
    return this.end();
  }
}

function left(): Error {
  return failure('QUERY_WAS_CANCELLED', 'The client left.');
}

function summaryJson(summary: StatementSummary | undefined): string {
  return JSON.stringify({
    read_rows: String(summary?.readRows ?? 0),
    read_bytes: String(summary?.readBytes ?? 0),
    written_rows: String(summary?.writtenRows ?? 0),
    written_bytes: String(summary !== undefined && summary.writtenRows > 0 ? summary.readBytes : 0),
    total_rows_to_read: '0',
    result_rows: String(summary?.resultRows ?? 0),
    result_bytes: String(summary?.resultBytes ?? 0),
    elapsed_ns: String(summary?.elapsedNs ?? 0),
  });
}

function encoderFor(request: IncomingMessage): [string, Encoder] | [undefined, undefined] {
  const accepted = String(request.headers['accept-encoding'] ?? '')
    .split(',')
    .map((part) => part.trim().replace(/;.*$/, ''));
  // Each write is flushed: a client that reads rows as they come must not wait for a full window.
  if (accepted.includes('gzip')) return ['gzip', createGzip({ level: 3, flush: constants.Z_SYNC_FLUSH })];
  if (accepted.includes('deflate')) return ['deflate', createDeflate({ level: 3, flush: constants.Z_SYNC_FLUSH })];
  if (accepted.includes('br'))
    return [
      'br',
      createBrotliCompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        params: { [constants.BROTLI_PARAM_QUALITY]: 3 },
      }),
    ];
  return [undefined, undefined];
}
