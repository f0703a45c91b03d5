export * from './password-options.ts';
export * from './username.ts';
export * from './worker-event.ts';
