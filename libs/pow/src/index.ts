export { extranonceProblem, jobProblem, MAX_COINBASE_BYTES, MAX_EXTRANONCE_BYTES, PowError } from './bounds.ts';
export type { PowErrorCode } from './bounds.ts';
export { createProver } from './create-prover.ts';
export { HASH_BYTES, HEADER_BYTES } from './prover.ts';
export type { PowMode, ProofBatch, Prover } from './prover.ts';
