export * from './assert.ts';
export * from './bounded-queue.ts';
export * from './clock.ts';
export * from './hex.ts';
export * from './poisson-sampler.ts';
export * from './random.ts';
