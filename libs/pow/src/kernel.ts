// Loads one compiled kernel (assembly/, built by build.mjs) into an instance of its own, with a memory of its own.
// The memory has its final size from the start: it never grows, so views of it stay valid.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assert } from '@assay/kernel';
import { MAX_MERKLE_BRANCHES, type Algorithm } from '@assay/mining';
import { MAX_COINBASE_BYTES, MAX_EXTRANONCE_BYTES, PowError } from './bounds.ts';

/** Where the kernel expects and leaves things, in bytes from the start of its memory, and its bounds. */
export interface KernelLayout {
  /** Shares per group; the shares of a group belong to one prepared job. */
  readonly LANES: number;
  /** Shares, or headers, per call. */
  readonly CHUNK: number;
  readonly JOB_SLOTS: number;
  readonly MAX_COINBASE: number;
  readonly MAX_EXTRANONCE: number;
  readonly MAX_BRANCHES: number;
  readonly GROUP_SLOTS: number;
  readonly VERSIONS: number;
  readonly NTIMES: number;
  readonly NONCES: number;
  readonly EXTRANONCES: number;
  readonly HEADERS: number;
  readonly HASHES: number;
  readonly RAW_PREV_HASH: number;
  readonly RAW_BRANCHES: number;
  readonly RAW_COINBASE: number;
}

export interface KernelCalls {
  prepareJob(
    slot: number,
    coinbase1: number,
    extranonce: number,
    coinbase2: number,
    branches: number,
    nbits: number,
  ): void;
  proveShares(groups: number): void;
  hashHeaders(groups: number): void;
}

export interface Kernel {
  readonly layout: KernelLayout;
  readonly calls: KernelCalls;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

type Exports = Record<string, unknown> & { readonly memory: { readonly buffer: ArrayBuffer } };

/** The part of the WebAssembly API used here. Node has it; Node's types leave it to the DOM library, which is not ours to load. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
  readonly Global: new (...parameters: never[]) => { readonly value: number };
}

const wasm = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** A module with one function, `i32.const 0; i32x4.splat`: valid only where 128-bit SIMD is. */
// prettier-ignore
const SIMD_PROBE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version 1
  0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, //       type () -> v128
  0x03, 0x02, 0x01, 0x00, //                         one function of it
  0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x11, 0x0b,
);

export function simdSupported(): boolean {
  return wasm.validate(SIMD_PROBE);
}

/** The same relative path from src/ and from dist/. */
function readKernel(file: string): Uint8Array {
  const path = fileURLToPath(new URL(`../build/${file}`, import.meta.url));
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new PowError('kernel_missing', `cannot read ${path}: run \`node libs/pow/build.mjs\` to compile it`, {
      cause,
    });
  }
}

export function loadKernel(algorithm: Algorithm, mode: 'simd' | 'scalar'): Kernel {
  const instance = new wasm.Instance(new wasm.Module(readKernel(`${algorithm}.${mode}.wasm`)), {});
  const { memory } = instance.exports;
  const constants = Object.entries(instance.exports).flatMap(([name, value]) =>
    value instanceof wasm.Global ? [[name, value.value]] : [],
  );
  const layout = Object.fromEntries(constants) as unknown as KernelLayout;
  assert(
    layout.MAX_COINBASE === MAX_COINBASE_BYTES,
    `${algorithm}.${mode}: the coinbase bound differs from the wrapper's`,
  );
  assert(layout.MAX_EXTRANONCE === MAX_EXTRANONCE_BYTES, `${algorithm}.${mode}: the extranonce bound differs`);
  assert(layout.MAX_BRANCHES === MAX_MERKLE_BRANCHES, `${algorithm}.${mode}: the branch bound differs`);
  return {
    layout,
    calls: instance.exports as unknown as KernelCalls,
    bytes: new Uint8Array(memory.buffer),
    words: new Uint32Array(memory.buffer),
  };
}
