// The bounds and addresses that the TypeScript wrapper needs, exported by every kernel.
export {
  CHUNK,
  EXTRANONCES,
  GROUP_SLOTS,
  HASHES,
  HEADERS,
  JOB_SLOTS,
  MAX_BRANCHES,
  MAX_COINBASE,
  MAX_EXTRANONCE,
  NONCES,
  NTIMES,
  RAW_BRANCHES,
  RAW_COINBASE,
  RAW_PREV_HASH,
  VERSIONS,
} from './layout';
