// Plays lines against a session as the gateway does: fast path, then general path. Used by tests of the session and by its fuzz targets.
import { CanonicalShare } from '../canonical-share.ts';
import { parseMessage, submitFromRequest, type StratumMessage } from '../message-codec.ts';
import { encodeError } from '../message-encoder.ts';
import { handleReply, handleRequest } from '../session-requests.ts';
import type { NamedWorker } from '../session-listener.ts';
import { CheckedSubmit, type StratumSession } from '../session.ts';
import { SubmitLine, scanSubmit } from '../submit-line.ts';
import { ERROR_OTHER } from '../error-codes.ts';

export interface Played {
  /** Lines sent, without their line feeds. */
  readonly sent: readonly string[];
  /** What the checks said, when the line was a submit. */
  readonly reason: string | undefined;
}

export class SessionDriver {
  readonly session: StratumSession<NamedWorker>;
  readonly checked = new CheckedSubmit<NamedWorker>();
  readonly #line = new SubmitLine();
  /** The last submit's, where it could be read. */
  readonly share: CanonicalShare;

  constructor(session: StratumSession<NamedWorker>) {
    this.session = session;
    this.share = new CanonicalShare(session.listener.extranonce2Bytes);
  }

  play(bytes: Uint8Array, start: number, end: number, nowUs: number): Played {
    if (scanSubmit(bytes, start, end, this.#line)) return this.#submit(true);
    const message: StratumMessage = parseMessage(bytes, start, end);
    switch (message.kind) {
      case 'reply':
        handleReply(this.session, message);
        return { sent: [], reason: undefined };
      case 'malformed':
        return {
          sent: linesOf(encodeError(message.id, { code: ERROR_OTHER, message: message.problem })),
          reason: undefined,
        };
      case 'request': {
        if (message.method === 'mining.submit') return this.#submit(submitFromRequest(message, this.#line));
        const sent = handleRequest(this.session, message, nowUs).flatMap((effect) =>
          effect.type === 'send' ? linesOf(effect.bytes) : [],
        );
        return { sent, reason: undefined };
      }
    }
  }

  #submit(complete: boolean): Played {
    const wellFormed = complete && this.share.read(this.#line);
    this.session.check(this.#line, this.share, wellFormed, true, this.checked);
    return { sent: [], reason: this.checked.reason === '' ? 'hash' : this.checked.reason };
  }
}

export function linesOf(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  if (lines.pop() !== '') throw new Error('what is sent must end with a line feed');
  return lines;
}
