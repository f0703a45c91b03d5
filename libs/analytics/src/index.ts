export * from './analytics-store.ts';
