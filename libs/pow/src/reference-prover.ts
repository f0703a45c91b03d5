// The same answers without WASM: one share after the other through the plain TypeScript reference.
import type { Algorithm } from '@assay/mining';
import { extranonceProblem, jobProblem } from './bounds.ts';
import { checkBatch, checkHeaders } from './check-batch.ts';
import { HASH_BYTES, HEADER_BYTES, type ProofBatch, type Prover } from './prover.ts';
import { doubleSha256 } from './reference/sha256.ts';
import { scrypt } from './reference/scrypt.ts';
import { coinbaseHash, merkleRoot, shareHeader } from './reference/share-header.ts';

/** The hash a header must prove, by algorithm: 80 bytes in, 32 out. */
const HEADER_HASH: Readonly<Record<Algorithm, (header: Uint8Array) => Uint8Array>> = {
  sha256d: doubleSha256,
  // Litecoin's parameters; the header is password and salt at once.
  scrypt: (header) => scrypt(header, header, { N: 1024, r: 1, p: 1, length: HASH_BYTES }),
};

export class ReferenceProver implements Prover {
  readonly algorithm: Algorithm;
  readonly mode = 'reference';

  constructor(algorithm: Algorithm) {
    this.algorithm = algorithm;
  }

  hash(batch: ProofBatch, out: Uint8Array): void {
    checkBatch(batch, out);
    for (let i = 0; i < batch.count; i++) {
      const job = batch.jobs[batch.job[i]!]!;
      const { offsets, bytes } = batch.extranonce;
      const extranonce = bytes.subarray(offsets[i]!, offsets[i + 1]!);
      const problem = jobProblem(this.algorithm, job) ?? extranonceProblem(job, extranonce.length);
      if (problem !== undefined) throw problem;
      const root = merkleRoot(coinbaseHash(job.coinbase1, extranonce, job.coinbase2), job.merkleBranches);
      const rolled = { version: batch.version[i]!, ntime: batch.ntime[i]!, nonce: batch.nonce[i]! };
      out.set(HEADER_HASH[this.algorithm](shareHeader(job, root, rolled)), i * HASH_BYTES);
    }
  }

  hashHeaders(headers: Uint8Array, out: Uint8Array): void {
    const count = checkHeaders(headers, out);
    for (let i = 0; i < count; i++) {
      const header = headers.subarray(i * HEADER_BYTES, (i + 1) * HEADER_BYTES);
      out.set(HEADER_HASH[this.algorithm](header), i * HASH_BYTES);
    }
  }
}
