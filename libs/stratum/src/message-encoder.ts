// What we say, as bytes ready for the socket. Replies echo the id as it came, raw. Errors are always the full array
// [code, "message", null], since some firmware reads element 1 and some checks that there are three.
import { difficultyText } from '@assay/mining';
import { hexFromBytes, hexFromUint32 } from '@assay/kernel';
import type { StratumError } from './error-codes.ts';

/** What stands before the id in every reply. */
export const REPLY_HEAD: Uint8Array = Uint8Array.from(Buffer.from('{"id":'));
/** What stands after it when the answer is yes. */
export const TRUE_TAIL: Uint8Array = Uint8Array.from(Buffer.from(',"result":true,"error":null}\n'));

/**
 * What stands after the id of an error reply. Submit and authorize say `false`, since some firmware looks only for a boolean;
 * everything else says `null`, as JSON-RPC wants it.
 */
export function errorTail(error: StratumError, result: 'false' | 'null'): Uint8Array {
  return Uint8Array.from(
    Buffer.from(`,"result":${result},"error":[${error.code},${JSON.stringify(error.message)},null]}\n`),
  );
}

export function encodeTrue(id: Uint8Array): Uint8Array {
  return Buffer.concat([REPLY_HEAD, id, TRUE_TAIL]);
}

export function encodeError(id: Uint8Array, error: StratumError, result: 'false' | 'null' = 'null'): Uint8Array {
  return Buffer.concat([REPLY_HEAD, id, errorTail(error, result)]);
}

/** A reply with any other result. */
export function encodeResult(id: Uint8Array, result: unknown): Uint8Array {
  return Buffer.concat([REPLY_HEAD, id, Buffer.from(`,"result":${JSON.stringify(result)},"error":null}\n`)]);
}

/** A notification, or with an id a request to the miner. */
export function encodeCall(method: string, params: readonly unknown[], id: number | null = null): Uint8Array {
  return Buffer.from(`{"id":${id},"method":"${method}","params":${JSON.stringify(params)}}\n`);
}

export function encodeSetDifficulty(difficulty: number): Uint8Array {
  return Buffer.from(`{"id":null,"method":"mining.set_difficulty","params":[${difficultyText(difficulty)}]}\n`);
}

export function encodeSetVersionMask(mask: number): Uint8Array {
  return encodeCall('mining.set_version_mask', [hexFromUint32(mask)]);
}

/**
 * The answer to mining.subscribe. cpuminer reads the session id from the mining.notify pair, tiny miners from the first pair,
 * so both pairs carry the same one.
 */
export function encodeSubscribed(id: Uint8Array, extranonce1: Uint8Array, extranonce2Bytes: number): Uint8Array {
  const hex = hexFromBytes(extranonce1);
  return encodeResult(id, [
    [
      ['mining.set_difficulty', hex],
      ['mining.notify', hex],
    ],
    hex,
    extranonce2Bytes,
  ]);
}
