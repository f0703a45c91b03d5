export { MAX_BLOCK_SHARES } from './block-schema.ts';
export { checkTenants } from './check-tenants.ts';
export * from './columns.ts';
export { decodeSubmitted, decodeVerified } from './decode-block.ts';
export { encodeSubmitted, encodeVerified } from './encode-block.ts';
export * from './share-block-error.ts';
export * from './share-columns-builder.ts';
export * from './upstream-record.ts';
export * from './verified-headers.ts';
