// GraphQL operations over graphql-transport-ws: the same schema, limits, error codes and metrics as over HTTP, and a bound on
// operations under way on one connection. Who asks is found out once, when the connection begins, and the connection ends with that.
import { assert } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from '../graphql-js.ts';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { GraphqlGatewayConfig } from '../config.ts';
import { ClientError, errorCode, formatClientError, type ErrorCode } from '../errors.ts';
import type { Authentication } from '../identity/authenticate.ts';
import { ENDED, type ConnectionWatch } from '../identity/connection-watch.ts';
import type { Identity } from '../identity/identity.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Admission } from '../operation/admission.ts';
import type { OperationContext } from '../operation/context.ts';
import type { Viewer } from '../operation/viewer.ts';

export interface WebSocketOperationPorts {
  readonly schema: GraphQLSchema;
  readonly admission: Admission;
  readonly config: GraphqlGatewayConfig;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly identity: Identity;
  readonly watch: ConnectionWatch;
  readonly context: (viewer: Viewer) => OperationContext;
}

/** A connection, and whose it is once it has begun. */
export class ConnectionOfOperations {
  readonly close: (code: number, reason: string) => void;
  readonly #token: string | undefined;
  #authentication: Authentication | undefined;
  #forget: (() => void) | undefined;

  /** @param token that came with the upgrade */
  constructor(token: string | undefined, close: (code: number, reason: string) => void) {
    this.#token = token;
    this.close = close;
  }

  get viewer(): Viewer | undefined {
    return this.#authentication?.viewer;
  }

  /** @param params of the first message: programs in browsers, which cannot set headers, put their key into `token`. False when nobody is let in. */
  begin(params: Readonly<Record<string, unknown>> | undefined, identity: Identity, watch: ConnectionWatch): boolean {
    const given = params?.['token'];
    const token = typeof given === 'string' ? given : this.#token;
    const recognition = identity.recognise(token);
    if (!recognition.recognised) return false;
    this.#authentication = recognition.authentication;
    this.#forget = watch.add({ token, authentication: this.#authentication, close: this.close });
    return true;
  }

  ended(): void {
    this.#forget?.();
  }
}

export function createWebSocketOperations(ports: WebSocketOperationPorts): Server<ConnectionOfOperations> {
  const { schema, metrics, logger, identity, watch } = ports;
  /** When the queries under way began. A subscription is counted when it begins, a query when its one result is sent. */
  const begunMs = new WeakMap<object, number>();
  const elapsed = (sinceMs: number): number => (performance.now() - sinceMs) / 1000;

  return makeServer<Record<string, unknown>, ConnectionOfOperations>({
    schema,
    onConnect: ({ connectionParams, extra }) => {
      if (extra.begin(connectionParams, identity, watch)) return true;
      // What graphql-ws would close with by itself makes its clients try again.
      extra.close(ENDED.code, ENDED.reason);
      return false;
    },
    onClose: ({ extra }) => extra.ended(),
    onSubscribe: (connection, _id, payload) => {
      const startedMs = performance.now();
      const { viewer } = connection.extra;
      assert(viewer !== undefined, 'an operation came before its connection began');
      const prepared = prepare(ports, viewer, payload, Object.keys(connection.subscriptions).length);
      if (prepared instanceof GraphQLError || Array.isArray(prepared)) {
        const errors = [prepared].flat();
        metrics.operation(
          'invalid',
          'websocket',
          elapsed(startedMs),
          errors.map((error) => errorCode(error.toJSON())),
        );
        return errors;
      }
      if (isSubscription(prepared)) metrics.operation('subscription', 'websocket', elapsed(startedMs), []);
      else begunMs.set(prepared, startedMs);
      return prepared;
    },
    onNext: (_connection, _id, _payload, args, result) => {
      const formatted = formatResult(result, logger);
      const startedMs = begunMs.get(args);
      if (startedMs !== undefined) metrics.operation('query', 'websocket', elapsed(startedMs), codesOf(formatted));
      return formatted;
    },
    onError: (_connection, _id, _payload, errors) =>
      errors.map((error) => formatClientError(error.toJSON(), error, logger)),
  });
}

/** What to execute, or why not; every error has its code. */
function prepare(
  ports: WebSocketOperationPorts,
  viewer: Viewer,
  payload: SubscribePayload,
  underWay: number,
): ExecutionArgs | GraphQLError | GraphQLError[] {
  const { schema, config } = ports;
  // The operation that begins is among those under way already.
  if (underWay > config.maxSubscriptions) {
    return new ClientError(
      'TOO_MANY_SUBSCRIPTIONS',
      `At most ${config.maxSubscriptions} operations may be under way on a connection. Complete one first.`,
    );
  }
  let document: DocumentNode;
  try {
    document = parse(payload.query, { maxTokens: config.maxTokens });
  } catch (error) {
    return coded(error as GraphQLError, 'GRAPHQL_PARSE_FAILED');
  }
  const invalid = validate(
    schema,
    document,
    config.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule],
  );
  if (invalid.length > 0) return invalid.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED'));
  const operation = getOperationAST(document, payload.operationName);
  if (!operation)
    return new ClientError(
      'OPERATION_RESOLUTION_FAILURE',
      'Name the operation to run with `operationName`: the document holds none or several.',
    );
  const variableValues = payload.variables ?? {};
  try {
    ports.admission.admit(viewer, document, operation, variableValues, 'websocket');
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  return {
    schema,
    document,
    operationName: payload.operationName,
    variableValues,
    contextValue: ports.context(viewer),
  };
}

/** As graphql-ws types it: its fields may be present and undefined. */
type GraphqlWsResult = {
  readonly data?: ExecutionResult['data'] | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
};

function coded(error: GraphQLError, code: ErrorCode): GraphQLError {
  const { nodes = null, source = null, positions = null } = error;
  return new GraphQLError(error.message, { nodes, source, positions, extensions: { code, retriable: false } });
}

function isSubscription({ document, operationName }: ExecutionArgs): boolean {
  return getOperationAST(document, operationName)?.operation === 'subscription';
}

function formatResult({ data, errors }: GraphqlWsResult, logger: Logger): FormattedExecutionResult {
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors ? { errors: errors.map((error) => formatClientError(error.toJSON(), error, logger)) } : {}),
  };
}

function codesOf({ errors }: FormattedExecutionResult): ErrorCode[] {
  return (errors ?? []).map(errorCode);
}
