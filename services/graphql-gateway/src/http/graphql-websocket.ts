// Upgrades to `/graphql`: which WebSocket connections are taken, how they are kept alive and how they end. What is spoken on them
// is in websocket-operations.ts. Bounded in connections and message size. A message is sent only when the one before has left the
// socket; a client that does not answer a ping within KEEP_ALIVE_MS is cut off, and everything of a closed connection ends with it.
import type { Logger } from '@assay/platform';
import { handleProtocols, type Server as ProtocolServer } from 'graphql-ws';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { GraphqlGatewayConfig } from '../config.ts';
import { tokenOf } from '../identity/credentials.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { isKnownHost } from './known-host.ts';
import { isSameOrigin } from './same-origin.ts';
import { ConnectionOfOperations } from './websocket-operations.ts';

export interface GraphqlWebSocketPorts {
  readonly operations: ProtocolServer<ConnectionOfOperations>;
  readonly config: GraphqlGatewayConfig;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

export interface GraphqlWebSocket {
  /** Ends every subscription and closes every connection with 1001. */
  stop(): Promise<void>;
}

const KEEP_ALIVE_MS = 12_000;
/** How long a closing client gets to answer before it is cut off. */
const CLOSE_GRACE_MS = 2000;
/** The same for one who may not be here any more. */
const END_GRACE_MS = 300;

/** Serves upgrades to `/graphql` on the HTTP server; upgrades to any other path are refused. */
export function startGraphqlWebSocket(httpServer: Server, ports: GraphqlWebSocketPorts): GraphqlWebSocket {
  const { config, metrics } = ports;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: config.maxBodyBytes, handleProtocols });

  const refuse = (socket: Duplex, status: string, reason: string): void => {
    metrics.webSocketsRefused.inc({ reason });
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== '/graphql') return refuse(socket, '404 Not Found', 'path');
    if (!isKnownHost(config.host, config.publicUrl, request)) return refuse(socket, '421 Misdirected Request', 'host');
    // A page of another site must not read the pool through its visitor's browser.
    if (!isSameOrigin(request)) return refuse(socket, '403 Forbidden', 'origin');
    if (sockets.clients.size >= config.maxWebSockets) return refuse(socket, '503 Service Unavailable', 'limit');
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, tokenOf(request), ports));
  };
  httpServer.on('upgrade', onUpgrade);

  return {
    stop: async () => {
      httpServer.off('upgrade', onUpgrade);
      const closed = [...sockets.clients].map((client) => new Promise((resolve) => client.once('close', resolve)));
      for (const client of sockets.clients) client.close(1001, 'Going away');
      const cutOff = setTimeout(() => sockets.clients.forEach((client) => client.terminate()), CLOSE_GRACE_MS);
      await Promise.all(closed);
      clearTimeout(cutOff);
      sockets.close();
    },
  };
}

/** @param token that the upgrade showed; the first message may bring another */
function serve(
  webSocket: WebSocket,
  token: string | undefined,
  { operations, metrics, logger }: GraphqlWebSocketPorts,
): void {
  metrics.webSockets.inc();
  const failed = (error: unknown): void => logger.debug({ err: error }, 'a WebSocket failed');
  const closed = operations.opened(
    {
      protocol: webSocket.protocol,
      send: (data) => sent(webSocket, data),
      close: (code, reason) => webSocket.close(code, reason),
      onMessage: (handle) =>
        webSocket.on('message', (data) => {
          // What still comes while the connection is being closed is not acted on.
          if (webSocket.readyState !== webSocket.OPEN) return;
          handle(String(data)).catch((error: unknown) => {
            logger.error({ err: error }, 'a WebSocket message could not be handled');
            webSocket.close(4500, 'Internal server error');
          });
        }),
    },
    new ConnectionOfOperations(token, (code, reason) => {
      webSocket.close(code, reason);
      const cutOff = setTimeout(() => webSocket.terminate(), END_GRACE_MS);
      webSocket.once('close', () => clearTimeout(cutOff));
    }),
  );
  const stopPings = keepAlive(webSocket);
  // A frame that is too large or malformed ends here; ws has already told the client and closes the connection.
  webSocket.on('error', failed);
  webSocket.once('close', (code, reason) => {
    stopPings();
    metrics.webSockets.dec();
    closed(code, String(reason)).catch(failed);
  });
}

/** Resolves when the message has left for the network, which is what holds a subscription back behind a slow client. */
function sent(webSocket: WebSocket, data: string): Promise<void> {
  if (webSocket.readyState !== webSocket.OPEN) return Promise.resolve();
  return new Promise((resolve) => webSocket.send(data, () => resolve()));
}

/** Pings every KEEP_ALIVE_MS and cuts off a client that has not answered the ping before. */
function keepAlive(webSocket: WebSocket): () => void {
  let answered = true;
  webSocket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return webSocket.terminate();
    answered = false;
    webSocket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}
