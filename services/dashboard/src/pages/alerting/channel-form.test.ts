import { expect, it } from 'vitest';
import { channelInput } from './channel-form.ts';

const server = {
  host: 'smtp.acme.example',
  port: 587,
  security: 'STARTTLS',
  from: 'a@acme.example',
  user: 'a',
} as const;
const mail = { type: 'MAIL', chat: null, to: ['old@acme.example'], server } as const;

it('keeps a mail server of its own when who is written to changes', () => {
  expect(channelInput({ to: ['new@acme.example'] }, mail)).toEqual({ mail: { to: ['new@acme.example'], server } });
  expect(channelInput({ name: 'Night' }, mail)).toEqual({ name: 'Night' });
  expect(channelInput({ type: 'MAIL', name: 'New', to: ['a@b.example'] }, undefined)).toEqual({
    name: 'New',
    mail: { to: ['a@b.example'], server: null },
  });
});

it('sends a secret only when one was given', () => {
  const telegram = { type: 'TELEGRAM', chat: '-100', to: null, server: null } as const;
  expect(channelInput({ chat: '-200' }, telegram)).toEqual({ telegram: { chat: '-200' } });
  const slack = { type: 'SLACK', chat: null, to: null, server: null } as const;
  expect(channelInput({ enabled: false }, slack)).toEqual({ enabled: false });
});
