import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isKnownHost } from './known-host.ts';

const from = (host: string | undefined): IncomingMessage => ({ headers: { host } }) as IncomingMessage;

describe('a gateway on loopback', () => {
  it.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'assay.localhost', '10.0.0.5', undefined])(
    'answers to %s',
    (host) => {
      expect(isKnownHost('127.0.0.1', '', from(host))).toBe(true);
      expect(isKnownHost('::1', '', from(host))).toBe(true);
    },
  );

  it.each(['rebound.example:8080', 'localhost.example', '127.0.0.1.example'])('does not answer to %s', (host) => {
    expect(isKnownHost('127.0.0.1', '', from(host))).toBe(false);
    expect(isKnownHost('localhost', '', from(host))).toBe(false);
  });

  it('answers to the name that a proxy in front of it is known by, and to no other', () => {
    expect(isKnownHost('127.0.0.1', 'https://pool.example', from('pool.example'))).toBe(true);
    expect(isKnownHost('127.0.0.1', 'https://pool.example', from('rebound.example'))).toBe(false);
  });
});

describe('a gateway opened to the network', () => {
  it('answers to any name', () => {
    expect(isKnownHost('0.0.0.0', '', from('assay.example'))).toBe(true);
  });
});
