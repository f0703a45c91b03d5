export * from './username.ts';
export * from './worker-event.ts';
