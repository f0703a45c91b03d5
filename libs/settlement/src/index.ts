export * from './account.ts';
export * from './holding.ts';
export * from './local-days.ts';
export * from './machine-uptime.ts';
export * from './network-hours.ts';
export * from './place-sums.ts';
