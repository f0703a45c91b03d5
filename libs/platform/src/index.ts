export * from './batch-transport.ts';
export * from './lifecycle.ts';
export * from './logger.ts';
export * from './running-service.ts';
export * from './settings.ts';
export * from './thread-calls.ts';
export { Gauge, Registry } from 'prom-client';
