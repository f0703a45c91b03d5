// Picks the implementation: SIMD where the engine has it, else scalar, unless the caller says which.
import type { Algorithm } from '@assay/mining';
import { PowError } from './bounds.ts';
import { simdSupported } from './kernel.ts';
import type { PowMode, Prover } from './prover.ts';
import { ReferenceProver } from './reference-prover.ts';
import { WasmProver } from './wasm-prover.ts';

/**
 * A prover with a memory of its own: under 5 MB of address space, touched as it is used. Its calls are synchronous: about
 * 4 us per share for sha256d and 120 us for scrypt (SIMD, see BENCHMARKS.md), so a large scrypt batch is best cut up by
 * the caller. Throws PowError `kernel_missing` or `simd_unsupported`.
 */
export function createProver(algorithm: Algorithm, mode: PowMode = simdSupported() ? 'simd' : 'scalar'): Prover {
  if (mode === 'reference') return new ReferenceProver(algorithm);
  if (mode === 'simd' && !simdSupported()) {
    throw new PowError(
      'simd_unsupported',
      'this engine has no 128-bit WASM SIMD: leave the mode out, or ask for scalar',
    );
  }
  return new WasmProver(algorithm, mode);
}
