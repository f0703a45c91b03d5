// Request bodies: inflated, bounded, and either read as text or written to a file, never held whole in memory when they are data.
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { failure } from './clickhouse-error.ts';

/** The body as plain bytes. Fails with CANNOT_DECOMPRESS or when the client leaves. */
export class BodyReader {
  readonly #request: IncomingMessage;
  readonly #iterator: AsyncIterator<Buffer>;
  readonly #maxBytes: number;
  readonly #stallMs: number;
  #taken = 0;

  /**
   * @param maxBytes the most bytes that may be read in all, after decompression.
   * @param stallMs a client that sends nothing for this long is cut off.
   */
  constructor(request: IncomingMessage, maxBytes: number, stallMs: number) {
    this.#request = request;
    this.#stallMs = stallMs;
    this.#iterator = inflate(request)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#maxBytes = maxBytes;
  }

  async next(): Promise<Buffer | undefined> {
    let result: IteratorResult<Buffer>;
    const stall = setTimeout(() => this.#request.destroy(), this.#stallMs);
    try {
      result = await this.#iterator.next();
    } catch (error) {
      if (isZlibError(error))
        throw failure(
          'CANNOT_DECOMPRESS',
          `The body is not what its Content-Encoding says: ${(error as Error).message}.`,
          error,
        );
      throw failure('QUERY_WAS_CANCELLED', 'The client left before its body ended.', error);
    } finally {
      clearTimeout(stall);
    }
    if (result.done) return undefined;
    this.#taken += result.value.byteLength;
    if (this.#taken > this.#maxBytes)
      throw failure('QUERY_IS_TOO_LARGE', `The body has more than ${this.#maxBytes} bytes. Send it in smaller parts.`);
    return result.value;
  }

  /** Reads until `bytes` are there or the body ends. */
  async upTo(bytes: number): Promise<{ readonly bytes: Buffer; readonly ended: boolean }> {
    const parts: Buffer[] = [];
    let length = 0;
    while (length < bytes) {
      const part = await this.next();
      if (!part) return { bytes: Buffer.concat(parts), ended: true };
      parts.push(part);
      length += part.byteLength;
    }
    return { bytes: Buffer.concat(parts), ended: false };
  }

  /** Writes what is left into a new file, after `head`; resolves with the bytes written. The file is removed when that fails. */
  async spool(file: string, head: Buffer): Promise<number> {
    const handle = await open(file, 'wx', 0o600);
    let written = 0;
    try {
      for (let part: Buffer | undefined = head; part; part = await this.next()) {
        if (part.byteLength > 0) await handle.writeFile(part);
        written += part.byteLength;
      }
    } catch (error) {
      await handle.close();
      await rm(file, { force: true });
      throw error;
    }
    await handle.close();
    return written;
  }
}

function inflate(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const decoder = decoderOf(encoding);
  if (!decoder) return request;
  // The reader of the decoder gets the error; the callback keeps it from being an uncaught one.
  return pipeline(request, decoder, () => undefined);
}

function decoderOf(
  encoding: string,
): ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress> | undefined {
  switch (encoding) {
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw failure(
        'NOT_IMPLEMENTED',
        `Unknown Content-Encoding ${JSON.stringify(encoding)}: send identity, gzip, deflate or br.`,
      );
  }
}

function isZlibError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(Z_|ERR__ERROR_|ERR_BROTLI)/.test(code);
}

/** The fields of a small multipart/form-data body, as clients send `query` and `param_*` when a URL would be too long. */
export function formFields(contentType: string, body: Buffer): Map<string, string> {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!boundary) throw failure('BAD_ARGUMENTS', 'A multipart body needs a boundary.');
  const fields = new Map<string, string>();
  // latin1 keeps every byte apart, so that cutting never splits a character.
  for (const part of body.toString('latin1').split(`--${boundary}`).slice(1)) {
    const gap = part.indexOf('\r\n\r\n');
    if (gap < 0) continue;
    const header = part.slice(0, gap);
    const name = /name="([^"]*)"/i.exec(header)?.[1];
    if (name === undefined) continue;
    if (/filename=/i.test(header))
      throw failure('NOT_IMPLEMENTED', 'External tables are not supported by the embedded server.');
    fields.set(Buffer.from(name, 'latin1').toString(), Buffer.from(part.slice(gap + 4, -2), 'latin1').toString());
  }
  return fields;
}
