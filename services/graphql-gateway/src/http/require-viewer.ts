// Lets a request pass that says whose it is; anything else is answered here, in GraphQL's own shape, before its body is read.
import type { Logger } from '@assay/platform';
import type { NextFunction, Request, Response } from 'express';
import { errorCode } from '../errors.ts';
import { tokenOf } from '../identity/credentials.ts';
import type { Identity } from '../identity/identity.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Viewer } from '../operation/viewer.ts';

const viewers = new WeakMap<object, Viewer>();

export function requireViewer(ports: {
  readonly identity: Identity;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const recognition = ports.identity.recognise(tokenOf(request));
    if (recognition.recognised) {
      viewers.set(request, recognition.authentication.viewer);
      return next();
    }
    const error = recognition.error.toJSON();
    ports.metrics.operation('invalid', 'http', 0, [errorCode(error)]);
    if (recognition.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="assay"');
    else response.setHeader('Retry-After', '2');
    response.status(recognition.status).json({ errors: [error] });
  };
}

/** Of a request that has passed. */
export function viewerOf(request: object): Viewer {
  const viewer = viewers.get(request);
  if (viewer === undefined) throw new Error('a request came past the door');
  return viewer;
}
