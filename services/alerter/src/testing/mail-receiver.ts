// A real mail server that keeps what it takes: the other end of mail.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const testdata = (file: string): string =>
  readFileSync(new URL(`../../src/testing/testdata/${file}`, import.meta.url), 'utf8');
const key = testdata('localhost.key');
/** What it shows for `localhost`, signed by itself. */
export const MAIL_CERTIFICATE = testdata('localhost.crt');

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly text: string;
}

export class MailReceiver {
  readonly mails: Mail[] = [];
  readonly #server: SMTPServer;

  /** `nobody@` is a mailbox it does not know; `assay` with `secret` may log in. */
  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      key,
      cert: MAIL_CERTIFICATE,
      logger: false,
      authOptional: true,
      onAuth: ({ username, password }, _session, callback) => {
        if (username === 'assay' && password === 'secret') return callback(null, { user: username });
        callback(Object.assign(new Error('Authentication credentials invalid'), { responseCode: 535 }));
      },
      onRcptTo: ({ address }, _session, callback) => {
        if (!address.startsWith('nobody@')) return callback();
        callback(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            secure: session.secure,
            user: session.user as string | undefined,
            text: Buffer.concat(chunks).toString('utf8'),
          });
          callback();
        });
      },
      ...options,
    });
    this.#server.on('error', () => undefined);
  }

  static async start(options: SMTPServerOptions = {}): Promise<MailReceiver> {
    const receiver = new MailReceiver(options);
    const listening = receiver.#server.listen(0, '127.0.0.1');
    await new Promise<void>((resolve) => listening.once('listening', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
