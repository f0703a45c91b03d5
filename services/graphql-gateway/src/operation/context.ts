// What every resolver is given.
import type { Moment } from './moment.ts';

export interface OperationContext {
  /** What a query's answer is made from. Subscriptions make one per message instead. */
  readonly moment: Moment;
}
