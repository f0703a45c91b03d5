// What one HTTP connection may hold: answers wait in memory until their reader takes them, so a connection that asks on and on without
// reading is cut off, and so is one on which nothing moves. WebSockets leave this server's care when they are opened (graphql-websocket.ts).
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';

/** Answers under way at once on one connection. Browsers wait for one before they ask for the next. */
const MAX_UNDER_WAY = 16;
/** Longer than the slowest answer takes. */
const IDLE_MS = 60_000;

/** To be the first of the app's middleware: what it cuts off runs no handler. */
export function boundConnections(server: Server): (request: Request, response: Response, next: NextFunction) => void {
  server.setTimeout(IDLE_MS);
  const underWay = new WeakMap<Socket, number>();
  return ({ socket }, response, next) => {
    if (socket.destroyed) return;
    const count = (underWay.get(socket) ?? 0) + 1;
    if (count > MAX_UNDER_WAY) {
      socket.destroy();
      return;
    }
    underWay.set(socket, count);
    response.once('close', () => underWay.set(socket, underWay.get(socket)! - 1));
    next();
  };
}
