// Transactions as they fill blocks: a version 2 transfer of one or two inputs, each with a signature and a key as its witness, to one or
// two outputs. What they spend does not exist; a stand-in node takes their inputs for granted.
import type { Random } from '@assay/kernel';
import { hash256 } from './read-block.ts';

export interface SampleTransaction {
  /** With witness. */
  readonly data: Buffer;
  /** In hashed byte order. */
  readonly txid: Buffer;
  readonly wtxid: Buffer;
  readonly fee: bigint;
  readonly weight: number;
}

const SIGNATURE_BYTES = 71;
const KEY_BYTES = 33;

export function sampleTransaction(random: Random): SampleTransaction {
  const inputs = 1 + random.below(2);
  const outputs = 1 + random.below(2);
  const version = Buffer.of(2, 0, 0, 0);
  const lockTime = Buffer.alloc(4);
  const spent = Array.from({ length: inputs }, () => [random.bytes(32), Buffer.of(random.below(3), 0, 0, 0), Buffer.of(0), Buffer.from('fdffffff', 'hex')]); // prettier-ignore
  const paid = Array.from({ length: outputs }, () => [
    amount(BigInt(1000 + random.below(10_000_000))),
    Buffer.of(22, 0x00, 20),
    random.bytes(20),
  ]);
  const body = Buffer.concat([Buffer.of(inputs), ...spent.flat(), Buffer.of(outputs), ...paid.flat()]);
  const witnesses = Array.from({ length: inputs }, () => [
    Buffer.of(2, SIGNATURE_BYTES),
    random.bytes(SIGNATURE_BYTES),
    Buffer.of(KEY_BYTES),
    random.bytes(KEY_BYTES),
  ]);
  const data = Buffer.concat([version, Buffer.of(0, 1), body, ...witnesses.flat(), lockTime]);
  const weight = 3 * (8 + body.length) + data.length;
  return {
    data,
    txid: hash256(version, body, lockTime),
    wtxid: hash256(data),
    // 1 to 50 units per virtual byte.
    fee: BigInt(Math.ceil((weight / 4) * (1 + random.below(50)))),
    weight,
  };
}

function amount(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
