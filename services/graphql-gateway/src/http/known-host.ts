// A page in someone's browser could reach a gateway on their loopback under a name of its own (DNS rebinding) and read the answers.
// A gateway that listens on loopback only therefore answers only to names that can mean nothing else.
import type { NextFunction, Request, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const LOOPBACK = /^(127\.|localhost$|::1$)/;

/**
 * Whether a gateway listening on `listenHost` answers to the name the request was sent to.
 * @param publicUrl where a proxy in front of it, on the same machine, is reached; may be empty
 */
export function isKnownHost(listenHost: string, publicUrl: string, request: IncomingMessage): boolean {
  if (!LOOPBACK.test(listenHost)) return true;
  if (publicUrl !== '' && request.headers.host === new URL(publicUrl).host) return true;
  const name = (request.headers.host ?? 'localhost')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
}

/** 421 Misdirected Request to any other name. */
export function refuseUnknownHosts(listenHost: string, publicUrl: string) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (isKnownHost(listenHost, publicUrl, request)) return next();
    response
      .status(421)
      .type('text/plain')
      .send('This gateway listens on loopback only: use localhost or an address, or set ASSAY_HOST to open it.\n');
  };
}
