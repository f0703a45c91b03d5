export * from './control-log.ts';
export * from './object-history.ts';
