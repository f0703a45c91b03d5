export * from './algorithm.ts';
export * from './job.ts';
export * from './verdict.ts';
