// Bitcoin's proof of work: double SHA-256 of the block header. Built twice from this one source, with and without SIMD.
import { checkMemory, SHA256D_END } from './layout';
import { buildHeader, hashHeader, loadHeaders, prepareConstants, storeDigests } from './share-header';
import { prepareJob as prepare } from './prepare-job';

export * from './wrapper-layout';

/** Lanes per group: shares come in groups of this many, all of one prepared job. */
export const LANES: u32 = ASC_FEATURE_SIMD ? 4 : 1;

export function prepareJob(slot: u32, coinbase1: u32, extranonce: u32, coinbase2: u32, branches: u32, nbits: u32): void {
  if (ASC_FEATURE_SIMD) prepare<v128>(slot, coinbase1, extranonce, coinbase2, branches, nbits);
  else prepare<u32>(slot, coinbase1, extranonce, coinbase2, branches, nbits);
}

function prove<T>(groups: u32): void {
  for (let group: u32 = 0; group < groups; group++) {
    buildHeader<T>(group);
    hashHeader<T>();
    storeDigests<T>(group);
  }
}

/** Hashes the first `groups` groups of shares. */
export function proveShares(groups: u32): void {
  if (ASC_FEATURE_SIMD) prove<v128>(groups);
  else prove<u32>(groups);
}

function hashAll<T>(groups: u32): void {
  for (let group: u32 = 0; group < groups; group++) {
    loadHeaders<T>(group);
    hashHeader<T>();
    storeDigests<T>(group);
  }
}

/** Hashes the first `groups` groups of finished headers. */
export function hashHeaders(groups: u32): void {
  if (ASC_FEATURE_SIMD) hashAll<v128>(groups);
  else hashAll<u32>(groups);
}

checkMemory(SHA256D_END);
if (ASC_FEATURE_SIMD) prepareConstants<v128>();
else prepareConstants<u32>();
