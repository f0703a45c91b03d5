// What a coinbase says of its block, read from the two halves that stratum hands out: at which height it stands, and what its outputs are worth
// together, which is subsidy and fees. The room for the extranonces between the halves is not on record, so it is found: it is where what
// follows reads as a transaction to its last byte.

export interface CoinbaseFacts {
  /** As BIP34 has it; undefined where the script begins otherwise. */
  readonly height: number | undefined;
  /** Of all outputs, in the coin's smallest unit; undefined where the halves do not read as one transaction, or as more than one. */
  readonly value: bigint | undefined;
}

/** Version, input count 1, the outpoint that spends nothing. */
const SCRIPT_LENGTH_AT = 4 + 1 + 36;
const SEQUENCE_BYTES = 4;
const LOCK_TIME_BYTES = 4;
const MAX_OUTPUTS = 4000;

export function readCoinbase(coinbase1: Uint8Array, coinbase2: Uint8Array): CoinbaseFacts {
  if (coinbase1.length <= SCRIPT_LENGTH_AT || coinbase1[4] !== 1) return { height: undefined, value: undefined };
  // A coinbase script holds at most 100 bytes, so its length is one byte.
  const scriptLength = coinbase1[SCRIPT_LENGTH_AT]!;
  const script = coinbase1.subarray(SCRIPT_LENGTH_AT + 1);
  if (scriptLength > 100 || script.length > scriptLength) return { height: undefined, value: undefined };
  return { height: heightIn(script), value: valueIn(coinbase2, scriptLength - script.length) };
}

/** @param most bytes of the script that can be left for the second half */
function valueIn(coinbase2: Uint8Array, most: number): bigint | undefined {
  let found: bigint | undefined;
  for (let scriptRest = 0; scriptRest <= most; scriptRest++) {
    const value = outputsFrom(coinbase2, scriptRest + SEQUENCE_BYTES);
    if (value === undefined) continue;
    if (found !== undefined && found !== value) return undefined;
    found = value;
  }
  return found;
}

/** What outputs from `at` on are worth, if they and the lock time end where the bytes do. */
function outputsFrom(bytes: Uint8Array, at: number): bigint | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = compactSizeAt(view, at);
  if (count === undefined || count.value === 0 || count.value > MAX_OUTPUTS) return undefined;
  let next = count.next;
  let sum = 0n;
  for (let i = 0; i < count.value; i++) {
    if (next + 8 > bytes.length) return undefined;
    sum += view.getBigUint64(next, true);
    const script = compactSizeAt(view, next + 8);
    if (script === undefined) return undefined;
    next = script.next + script.value;
  }
  return next + LOCK_TIME_BYTES === bytes.length ? sum : undefined;
}

function compactSizeAt(view: DataView, at: number): { readonly value: number; readonly next: number } | undefined {
  if (at >= view.byteLength) return undefined;
  const first = view.getUint8(at);
  if (first < 0xfd) return { value: first, next: at + 1 };
  // Longer ones would speak of more than a coinbase can hold.
  if (first > 0xfd || at + 3 > view.byteLength) return undefined;
  return { value: view.getUint16(at + 1, true), next: at + 3 };
}

/** The script number that the script pushes first. */
function heightIn(script: Uint8Array): number | undefined {
  const length = script[0];
  if (length === undefined) return undefined;
  if (length === 0) return 0;
  if (length > 0x50 && length <= 0x60) return length - 0x50;
  if (length > 4 || script.length <= length || script[length]! >= 0x80) return undefined;
  let height = 0;
  for (let i = length; i >= 1; i--) height = height * 256 + script[i]!;
  return height;
}
