// Writes to a miner's socket without Node's stream machinery between: its state, callbacks and request object per write are, measured,
// 7 % of what an answered share costs. What the kernel takes at once, as it nearly always does of an answer, is gone when the call returns; what it does
// not take libuv keeps and sends in order, before anything written later by either way.
// Like the handle in miner-socket.ts, the calls are no documented part of Node: where they are missing the socket's own write serves.
import type { MinerSocket } from './miner-socket.ts';

interface WriteRequest {
  /** Called only for a write that the kernel did not take at once. */
  oncomplete?: (status: number) => void;
  /** Holds on to the bytes meanwhile. */
  buffer?: Uint8Array;
}

interface WritableHandle {
  /** Returns 0 or a negative error number. */
  readonly writeBuffer?: (request: WriteRequest, bytes: Uint8Array) => number;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  /** What the last write did, by the two indices. */
  readonly streamBaseState: Int32Array;
  readonly kLastWriteWasAsync: number;
}

const binding = streamBinding();
/** A write that is done at once leaves its request as it was, so the next one can use it. */
let request = binding === undefined ? undefined : new binding.WriteWrap();

/**
 * Writes when nothing waits on the socket already, and says whether it did; false leaves everything to `socket.write`.
 * The bytes must not change afterwards. A broken connection is destroyed with an 'error', as by `socket.write`.
 */
export function writeDirectly(socket: MinerSocket, bytes: Uint8Array): boolean {
  if (binding === undefined || request === undefined || unsentBytes(socket) > 0) return false;
  const handle = (socket as unknown as { _handle: WritableHandle | null })._handle;
  if (typeof handle?.writeBuffer !== 'function') return false;
  const status = handle.writeBuffer(request, bytes);
  if (status !== 0) {
    fail(socket, status);
  } else if (binding.streamBaseState[binding.kLastWriteWasAsync] !== 0) {
    socket.unsentDirectly = bytes.length;
    request.buffer = bytes;
    request.oncomplete = (result) => {
      socket.unsentDirectly = 0;
      if (result < 0) fail(socket, result);
    };
    request = new binding.WriteWrap();
  }
  return true;
}

/** Bytes given to the socket that the kernel has not taken yet, either way; a write taken in part counts whole. */
export function unsentBytes(socket: MinerSocket): number {
  return socket.writableLength + (socket.unsentDirectly ?? 0);
}

function fail(socket: MinerSocket, status: number): void {
  socket.destroy(new Error(`write failed with error ${status}`));
}

function streamBinding(): StreamBinding | undefined {
  try {
    const { binding: open } = process as unknown as { binding?: (name: string) => Partial<StreamBinding> };
    const found = open?.call(process, 'stream_wrap');
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = found ?? {};
    return WriteWrap === undefined || streamBaseState === undefined || kLastWriteWasAsync === undefined
      ? undefined
      : { WriteWrap, streamBaseState, kLastWriteWasAsync };
  } catch {
    return undefined;
  }
}
