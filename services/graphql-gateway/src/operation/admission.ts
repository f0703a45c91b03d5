// The one gate that every operation passes before it runs, by HTTP and by WebSocket alike: what it may cost at all, whether it is for this viewer
// and this way of asking, and what the viewer has left to ask for.
import type { Clock } from '@assay/kernel';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from '../graphql-js.ts';
import type { CostBudget, Spent } from './cost-budget.ts';
import { checkOperation, type OperationLimits } from './operation-limits.ts';
import { checkPermitted } from './permitted-operation.ts';
import type { Viewer } from './viewer.ts';

export class Admission {
  readonly #schema: GraphQLSchema;
  readonly #limits: OperationLimits;
  readonly #budget: CostBudget;
  readonly #clock: Clock;

  constructor(schema: GraphQLSchema, limits: OperationLimits, budget: CostBudget, clock: Clock) {
    this.#schema = schema;
    this.#limits = limits;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** Throws ClientError. The document must be valid. A subscription costs one message, when it begins. */
  admit(
    viewer: Viewer,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
    transport: 'http' | 'websocket',
  ): Spent {
    const cost = checkOperation(this.#schema, document, operation, variables, this.#limits);
    checkPermitted(viewer, document, operation, transport);
    return this.spend(viewer, cost);
  }

  /** Takes what something else costs that is no operation, such as a file. Throws ClientError COST_LIMIT. */
  spend(viewer: Viewer, cost: number): Spent {
    return this.#budget.spend(viewer, cost, this.#clock.nowUs() / 1000);
  }
}
