import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, it } from 'vitest';
import { aMessage, aNotification, HOSTILE } from '../testing/alerts.ts';
import { MAIL_CERTIFICATE, MailReceiver, type Mail } from '../testing/mail-receiver.ts';
import { MailChannel, type MailConfig } from './mail.ts';
import { messageOf } from './message.ts';

const never = new AbortController().signal;
const stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of stop.splice(0)) await each();
});

async function startSmtp(options: SMTPServerOptions = {}): Promise<MailReceiver> {
  const receiver = await MailReceiver.start(options);
  stop.push(() => receiver.close());
  return receiver;
}

function channel(port: number, changes: Partial<MailConfig> = {}, allowPrivate = true): MailChannel {
  const config: MailConfig = {
    host: 'localhost',
    port,
    security: 'starttls',
    from: 'assay@pool.example',
    to: ['ops@farm.example'],
    ...changes,
  };
  return new MailChannel(config, { allowPrivate, timeoutMs: 5000, ca: MAIL_CERTIFICATE });
}

/** Headers of the mail itself, unfolded. */
function headersOf({ text }: Mail): Map<string, string> {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return new Map(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

it('sends text and HTML over STARTTLS, logged in', async () => {
  const { port, mails } = await startSmtp();
  const login = { user: 'assay', password: 'secret' };
  expect(await channel(port, { login }).send(aMessage(), never)).toEqual({ type: 'delivered' });
  expect(mails[0]).toMatchObject({
    from: 'assay@pool.example',
    to: ['ops@farm.example'],
    secure: true,
    user: 'assay',
  });
  expect(headersOf(mails[0]!).get('subject')).toBe('WARNING: acme.north.r1.m1: hash rate below what is expected');
  expect(headersOf(mails[0]!).get('auto-submitted')).toBe('auto-generated');
  expect(mails[0]!.text).toContain('Content-Type: text/plain; charset=utf-8');
  expect(mails[0]!.text).toContain('Content-Type: text/html; charset=utf-8');
  expect(mails[0]!.text).toContain('<li>expected: 104 TH/s</li>');
});

it('speaks TLS from the first byte, and none where it is told so', async () => {
  const secure = await startSmtp({ secure: true });
  expect(await channel(secure.port, { security: 'tls' }).send(aMessage(), never)).toEqual({ type: 'delivered' });
  expect(secure.mails[0]!.secure).toBe(true);
  const plain = await startSmtp();
  expect(await channel(plain.port, { security: 'none' }).send(aMessage(), never)).toEqual({ type: 'delivered' });
  expect(plain.mails[0]!.secure).toBe(false);
});

it('sends nothing in the clear to a server that offers no STARTTLS, and trusts no certificate it does not know', async () => {
  const stripped = await startSmtp({ disabledCommands: ['STARTTLS'] });
  expect((await channel(stripped.port).send(aMessage(), never)).type).toBe('retry');
  expect(stripped.mails).toEqual([]);
  const { port, mails } = await startSmtp();
  const strict = new MailChannel(
    { host: 'localhost', port, security: 'starttls', from: 'a@b.example', to: ['c@d.example'] },
    { allowPrivate: true, timeoutMs: 5000 },
  );
  expect(await strict.send(aMessage(), never)).toMatchObject({ type: 'retry' });
  expect(mails).toEqual([]);
});

it('lets what comes later answer the first mail of its conversation', async () => {
  const { port, mails } = await startSmtp();
  const mail = channel(port);
  await mail.send(messageOf(aNotification()), never);
  await mail.send(messageOf(aNotification({ id: 'f'.repeat(32), about: 'resolved', opens: false })), never);
  const [first, second] = mails.map(headersOf);
  expect(first!.get('message-id')).toBe('<a1b2c3d4e5f60718293a4b5c.chat@pool.example>');
  expect(first!.get('in-reply-to')).toBeUndefined();
  expect(second!.get('message-id')).toBe(`<${'f'.repeat(32)}@pool.example>`);
  expect(second!.get('in-reply-to')).toBe(first!.get('message-id'));
  expect(second!.get('references')).toBe(first!.get('message-id'));
  expect(second!.get('subject')).toMatch(/^Resolved: /);
});

it('lets nothing become a header or a tag', async () => {
  const { port, mails } = await startSmtp();
  const title = 'one\r\nBcc: victim@else.example\r\n\r\nbody\u0000\u2028end';
  expect(await channel(port).send(aMessage({ title, lines: [HOSTILE, title] }), never)).toEqual({ type: 'delivered' });
  const headers = headersOf(mails[0]!);
  expect(headers.get('subject')).toBe('one Bcc: victim@else.example body end');
  expect(headers.has('bcc')).toBe(false);
  expect(mails[0]!.to).toEqual(['ops@farm.example']);
  expect(mails[0]!.text).not.toContain('<script>alert("1")</script></li>');
  for (const bad of [
    'a@b.example\r\nBcc: c@d.example',
    'a@b.example, c@d.example',
    'Name <a@b.example>',
    'a b@c.example',
    '',
  ]) {
    expect((await channel(port, { to: [bad] }).send(aMessage(), never)).type).toBe('refused');
    expect((await channel(port, { from: bad }).send(aMessage(), never)).type).toBe('refused');
  }
  expect(mails).toHaveLength(1);
});

it('says for whom a mail was not taken, and gives up when it was for nobody', async () => {
  const { port, mails } = await startSmtp();
  const both = channel(port, { to: ['ops@farm.example', 'nobody@farm.example'] });
  expect(await both.send(aMessage(), never)).toEqual({
    type: 'delivered',
    note: 'not taken for nobody@farm.example',
  });
  expect(mails[0]!.to).toEqual(['ops@farm.example']);
  expect(await channel(port, { to: ['nobody@farm.example'] }).send(aMessage(), never)).toMatchObject({
    type: 'refused',
    reason: expect.stringContaining('no such mailbox') as string,
  });
});

it('tries again after a wrong login, a full mailbox, a dead server and a silent one', async () => {
  const { port } = await startSmtp({
    onMailFrom: (_address, _session, callback) =>
      callback(Object.assign(new Error('try again later'), { responseCode: 451 })),
  });
  expect(await channel(port, { login: { user: 'assay', password: 'wrong' } }).send(aMessage(), never)).toMatchObject({
    type: 'retry',
    reason: expect.stringContaining('535') as string,
  });
  expect(await channel(port).send(aMessage(), never)).toMatchObject({ type: 'retry' });
  expect(await channel(1).send(aMessage(), never)).toMatchObject({ type: 'retry' });
  const silent = await startSmtp({ onConnect: () => undefined });
  const hasty = new MailChannel(
    { host: 'localhost', port: silent.port, security: 'none', from: 'a@b.example', to: ['c@d.example'] },
    { allowPrivate: true, timeoutMs: 150 },
  );
  expect(await hasty.send(aMessage(), never)).toEqual({ type: 'retry', reason: 'localhost: no answer within 150 ms' });
});

it('reaches no private network unless it is allowed to', async () => {
  const { port, mails } = await startSmtp();
  for (const host of ['localhost', '127.0.0.1', '::1']) {
    expect((await channel(port, { host, security: 'none' }, false).send(aMessage(), never)).type).toBe('refused');
  }
  expect(mails).toEqual([]);
});
