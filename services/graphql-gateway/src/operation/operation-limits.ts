// What one operation may cost, judged before it runs and the same way over HTTP and WebSocket: nesting depth, aliases, and the
// number of values its answer may hold. Documents are already bounded in tokens by the parser and are valid by now.
import {
  getVariableValues,
  isListType,
  isNonNullType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from '../graphql-js.ts';
import { getComplexity, type ComplexityEstimator } from 'graphql-query-complexity';
import { ClientError } from '../errors.ts';

export interface OperationLimits {
  readonly maxDepth: number;
  readonly maxComplexity: number;
  readonly maxAliases: number;
}

/** Selections an operation may have with its fragments spread out. */
const MAX_SELECTIONS = 10_000;

/** The standard introspection query nests 15 deep, none of it costly. */
const INTROSPECTION_DEPTH = 20;

/** How many entries a list field without a size argument may have, for the estimate. The rest count as DEFAULT_LIST_SIZE. */
const LIST_SIZES: Readonly<Record<string, number>> = {
  'Query.tenants': 20,
  'Tenant.sites': 10,
  'ShareCounts.byReason': 11,
  'SeriesPoint.byReason': 4,
  'Query.upstreams': 20,
  // Of 10,000 machines: 250 racks of 40. The machines of all racks together are bounded.
  'FleetMap.racks': 250,
  'FleetMapRack.machines': 40,
  'FleetMapRack.values': 40,
  'Upstream.byReason': 4,
  'Subscription.workersChanged': 500,
  'Mutation.changeWorkers': 1000,
  'Mutation.acknowledgeAlerts': 500,
  'Mutation.unacknowledgeAlerts': 500,
  'AlertsChange.alerts': 100,
  'Alert.messages': 20,
  'Alert.evidence': 5,
  'Worker.openAlerts': 5,
  'AlertRule.under': 5,
  'AlertRule.steps': 3,
  'AlertStep.channels': 2,
  'AlertStep.webhooks': 2,
  'QuietHours.days': 7,
  'QuietHours.passes': 3,
  'WorkerEntry.tags': 3,
  'User.grants': 2,
  'ApiKey.grants': 2,
  'Change.fields': 6,
};
const DEFAULT_LIST_SIZE = 10;

/** A field that asks ClickHouse costs this much besides its values. */
const STORE_COST: Readonly<Record<string, number>> = {
  'FleetTotals.series': 500,
  'Query.events': 100,
  'Query.networkDifficulty': 100,
  'Query.upstreams': 100,
  'Query.account': 500,
  'Worker.connections': 20,
  'Worker.connectsByDay': 10,
  'Worker.expectationChanges': 10,
};

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

function sizeFromArguments(args: Readonly<Record<string, unknown>>): number | undefined {
  const first = args['first'];
  if (typeof first === 'number') return Math.max(first, 0);
  const days = args['days'];
  if (typeof days === 'number') return Math.max(days, 0);
  const range = args['range'] as { readonly maxPoints?: number | null } | undefined;
  if (range) return Math.max(range.maxPoints ?? 300, 0);
  return undefined;
}

/** Counts values: a leaf is one, a list as many as asked for. `first`, `days` and `maxPoints` stand on the field that holds the list. */
const valuesInAnswer: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  const name = `${type.name}.${field.name}`;
  const sized = sizeFromArguments(args);
  const multiplier =
    sized ?? (isList(field.type) && !isSizedByParent(name) ? (LIST_SIZES[name] ?? DEFAULT_LIST_SIZE) : 1);
  return (STORE_COST[name] ?? 0) + (childComplexity > 0 ? multiplier * childComplexity : multiplier);
};

/** Lists whose length the parent's `first`, `days` or `maxPoints` already multiplied. */
function isSizedByParent(name: string): boolean {
  return (
    /Connection\.(edges|nodes)$/.test(name) ||
    [
      'Series.points',
      'LatencySeries.points',
      'AccountFigures.days',
      'Account.network',
      'ConnectionPage.nodes',
    ].includes(name)
  );
}

interface Shape {
  readonly depth: number;
  readonly aliases: number;
  /** Selections with every fragment spread out: what execution would walk. */
  readonly selections: number;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Depth, aliases and selections of a set; each fragment is measured once, so that fragments of fragments stay linear. */
function measure(
  set: SelectionSetNode | undefined,
  fragments: Fragments,
  seen: Map<string, Shape>,
  introspection: boolean,
): Shape {
  let depth = 0;
  let aliases = 0;
  let selections = 0;
  for (const selection of set?.selections ?? []) {
    let inner: Shape;
    if (selection.kind === Kind.FIELD) {
      const meta = introspection || selection.name.value.startsWith('__');
      const below = measure(selection.selectionSet, fragments, seen, meta);
      if (meta && below.depth > INTROSPECTION_DEPTH) throw tooDeep(INTROSPECTION_DEPTH);
      // From outside, introspection counts as one level: it has its own bound.
      const levels = meta && !introspection ? 1 : below.depth + 1;
      inner = { depth: levels, aliases: below.aliases + (selection.alias ? 1 : 0), selections: below.selections + 1 };
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      inner = measure(selection.selectionSet, fragments, seen, introspection);
    } else {
      const name = selection.name.value;
      inner = seen.get(name) ?? measure(fragments.get(name)?.selectionSet, fragments, seen, introspection);
      seen.set(name, inner);
    }
    depth = Math.max(depth, inner.depth);
    aliases += inner.aliases;
    selections += inner.selections;
  }
  return { depth, aliases, selections };
}

function tooDeep(most: number): ClientError {
  return new ClientError(
    'QUERY_TOO_DEEP',
    `The operation nests fields more than ${most} deep. Split it into several operations.`,
  );
}

function checkShape(operation: OperationDefinitionNode, fragments: Fragments, limits: OperationLimits): void {
  const { depth, aliases, selections } = measure(operation.selectionSet, fragments, new Map(), false);
  if (depth > limits.maxDepth) throw tooDeep(limits.maxDepth);
  if (aliases > limits.maxAliases) {
    throw new ClientError(
      'TOO_MANY_ALIASES',
      `The operation uses ${aliases} aliases; at most ${limits.maxAliases} are taken. Split it into several operations.`,
    );
  }
  if (selections > MAX_SELECTIONS) {
    throw new ClientError(
      'QUERY_TOO_COMPLEX',
      `The operation selects ${selections} fields with its fragments spread out; at most ${MAX_SELECTIONS} are taken.`,
    );
  }
}

function badInput(error: unknown): ClientError {
  return new ClientError('BAD_USER_INPUT', error instanceof Error ? error.message : String(error));
}

/**
 * Throws a ClientError when the operation's variables do not fit or it is beyond a limit; otherwise returns its estimated cost in
 * values. The document must be valid.
 */
export function checkOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  limits: OperationLimits,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  checkShape(operation, fragments, limits);
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (errors?.[0]) throw badInput(errors[0]);
  const complexity = estimate(schema, document, operation, variables);
  if (complexity > limits.maxComplexity) {
    throw new ClientError(
      'QUERY_TOO_COMPLEX',
      `The answer could hold about ${Math.round(complexity)} values; at most ${limits.maxComplexity} are allowed. Ask for fewer entries (first), points (maxPoints) or fields.`,
    );
  }
  return complexity;
}

function estimate(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  // The estimator walks every operation of the document unless told a name, so it is given the one that will run.
  const definitions = document.definitions.filter(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition === operation,
  );
  try {
    return getComplexity({
      schema,
      query: { ...document, definitions },
      variables: { ...variables },
      estimators: [valuesInAnswer],
      maxQueryNodes: MAX_SELECTIONS + 1,
    });
  } catch (error) {
    // Arguments are coerced with the variables here for the first time: what fails is the client's input.
    throw badInput(error);
  }
}
