// What every resolver is given.
import type { Moment } from './moment.ts';
import type { Viewer } from './viewer.ts';

export interface OperationContext {
  readonly viewer: Viewer;
  /** What a query's answer is made from. Subscriptions make one per message instead. */
  readonly moment: Moment;
}
