export * from './change-notices.ts';
export * from './live-rates.ts';
export * from './live-standing.ts';
export * from './live-state.ts';
