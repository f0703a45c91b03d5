export * from './farm/demo-farm.ts';
export * from './farm/farm.ts';
export * from './farm/machine.ts';
export * from './farm/machine-model.ts';
export * from './miner/miner-session.ts';
export * from './miner/nonce-search.ts';
export * from './lossy-log.ts';
export * from './random-blocks.ts';
