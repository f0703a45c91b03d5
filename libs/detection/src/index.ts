export * from './detector.ts';
export * from './evidence.ts';
export * from './poisson-cusum.ts';
export * from './rate-bank.ts';
export * from './sequential-rate.ts';
export * from './silence.ts';
