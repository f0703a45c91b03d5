export * from './alert.ts';
export * from './alert-book.ts';
export * from './alert-inbox.ts';
export * from './common-cause.ts';
export { owesEnd } from './life-cycle.ts';
export * from './quiet-hours.ts';
export * from './records.ts';
export * from './rule.ts';
export { MAX_LISTED_ALERTS, testNotification } from './telling.ts';
