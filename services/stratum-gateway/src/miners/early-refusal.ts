// Turns connections away before Node makes sockets of them. In a flood of 10,000 connections a second from a banned address,
// taking and closing them was two fifths of the gateway's processor time, and the sockets were 60 MiB.
// The handle is no documented part of Node, as in miner-socket.ts: where it is missing, connections are refused when they are sockets.
import type { Server } from 'node:net';

interface Handle {
  getpeername(out: { address?: string }): number;
  close(): void;
}

interface ListeningHandle {
  onconnection?: (this: ListeningHandle, status: number, client: Handle | undefined) => void;
}

/** For a server that listens. `refuses` is asked with the address of each connection, and counts those it refuses. */
export function refuseEarly(server: Server, refuses: (address: string) => boolean): void {
  const handle = (server as unknown as { _handle: ListeningHandle | null })._handle;
  const accept = handle?.onconnection;
  if (handle === null || typeof accept !== 'function') return;
  const peer: { address?: string } = {};
  handle.onconnection = function (status, client) {
    if (status === 0 && client?.getpeername(peer) === 0 && refuses(peer.address!)) client.close();
    else accept.call(this, status, client);
  };
}
