export * from './hash-rate.ts';
