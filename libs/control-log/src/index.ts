export * from './change-feed.ts';
export * from './control-log.ts';
export * from './object-history.ts';
