export * from './contribution.ts';
export * from './decayed-rate.ts';
export * from './hash-rate.ts';
export * from './rollup.ts';
export * from './silence.ts';
export * from './summarise.ts';
export * from './uptime.ts';
export { WORK_SCALE, workNumber, workUnits } from './work-sum.ts';
export type { WorkColumns } from './work-sum.ts';
