export { MAX_BLOCK_SHARES, MAX_NAME_BYTES, SUBMITTED_SCHEMA, VERIFIED_SCHEMA } from './block-schema.ts';
export * from './columns.ts';
export { decodeSubmitted, decodeVerified } from './decode-block.ts';
export { encodeSubmitted, encodeVerified } from './encode-block.ts';
export * from './share-block-error.ts';
export * from './share-columns-builder.ts';
export * from './verified-headers.ts';
