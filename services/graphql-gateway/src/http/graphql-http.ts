// GraphQL over HTTP: Apollo Server behind Express, with our limits, error codes and metrics. Queries by POST with a JSON body or by
// GET with a header that a foreign page cannot send (CSRF prevention); no batches. A document that was sent once can be named by its hash.
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import type { Logger } from '@assay/platform';
import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from '../graphql-js.ts';
import type { GraphqlGatewayConfig } from '../config.ts';
import { ClientError, errorCode, formatClientError, type ErrorCode } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Admission } from '../operation/admission.ts';
import type { OperationContext } from '../operation/context.ts';
import type { Spent } from '../operation/cost-budget.ts';
import type { Viewer } from '../operation/viewer.ts';
import { PersistedDocuments } from './persisted-documents.ts';
import { requireViewer, viewerOf } from './require-viewer.ts';

export interface GraphqlHttpPorts {
  readonly schema: GraphQLSchema;
  readonly admission: Admission;
  readonly config: GraphqlGatewayConfig;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Made for every operation; the signal aborts when its client goes away before the answer. */
  readonly context: (viewer: Viewer, signal: AbortSignal) => OperationContext;
  readonly identity: Identity;
}

export interface GraphqlHttp {
  readonly router: Router;
  /** Call once no more requests come. */
  stop(): Promise<void>;
}

export async function startGraphqlHttp(ports: GraphqlHttpPorts): Promise<GraphqlHttp> {
  const { config, logger } = ports;
  const server = new ApolloServer<OperationContext>({
    schema: ports.schema,
    introspection: config.introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: { cache: new PersistedDocuments(), ttl: null },
    maxRecursiveSelections: true,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: config.maxTokens },
    formatError: (formatted, error) => formatClientError(formatted, error, logger),
    plugins: [ApolloServerPluginLandingPageDisabled(), gate(ports), metering(ports.metrics)],
    logger: quietLogger(logger),
  });
  await server.start();

  const router = express.Router();
  router.use(noStore);
  router.use(requireViewer(ports));
  router.use(express.json({ limit: config.maxBodyBytes }));
  router.use(
    expressMiddleware(server, {
      context: async ({ req, res }) => ports.context(viewerOf(req), goneSignal(res as Response)),
    }) as unknown as express.RequestHandler,
  );
  router.use(unreadableBody(config, ports.metrics, logger));
  return { router, stop: () => server.stop() };
}

function noStore(_request: Request, response: Response, next: () => void): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

/** Aborts when the connection closes before the answer is sent. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** What an operation has cost is told with its answer, so that a program can see its limit coming. */
function gate({ admission }: GraphqlHttpPorts): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: async () => {
      let spent: Spent | undefined;
      return {
        didResolveOperation: async ({ document, operation, request, contextValue }) => {
          try {
            if (!operation) return;
            spent = admission.admit(contextValue.viewer, document, operation, request.variables ?? {}, 'http');
          } catch (error) {
            if (!(error instanceof ClientError)) throw error;
            // Refused before it ran, so the whole request is: Apollo takes the status from `http`.
            const status = error.extensions['code'] === 'COST_LIMIT' ? 429 : 400;
            throw new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status } } });
          }
        },
        willSendResponse: async ({ response: { body } }) => {
          if (spent !== undefined && body.kind === 'single') body.singleResult.extensions = { cost: spent };
        },
      };
    },
  };
}

function metering(metrics: GatewayMetrics): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: async () => {
      const startedMs = performance.now();
      return {
        willSendResponse: async ({ operation, response }) => {
          const kind =
            operation?.operation === 'query' || operation?.operation === 'mutation' ? operation.operation : 'invalid';
          const errors = response.body.kind === 'single' ? (response.body.singleResult.errors ?? []) : [];
          metrics.operation(kind, 'http', (performance.now() - startedMs) / 1000, errors.map(errorCode));
        },
      };
    },
  };
}

/** A body that could not be read is answered in GraphQL's own shape, so that a client needs no second way to read errors. */
function unreadableBody(config: GraphqlGatewayConfig, metrics: GatewayMetrics, logger: Logger): ErrorRequestHandler {
  return (error: { readonly type?: string; readonly status?: number }, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status ?? 500;
    const answer = (code: ErrorCode, message: string): void => {
      metrics.operation('invalid', 'http', 0, [code]);
      response.status(status).json({ errors: [{ message, extensions: { code, retriable: false } }] });
    };
    if (error.type === 'entity.too.large')
      answer('BODY_TOO_LARGE', `The request body is larger than ${config.maxBodyBytes} bytes.`);
    else if (status < 500)
      answer(
        'BAD_REQUEST',
        'The request body could not be read: send JSON with a `query`, as application/json in UTF-8.',
      );
    else {
      const masked: GraphQLFormattedError = formatClientError({ message: '' }, error, logger);
      metrics.operation('invalid', 'http', 0, ['INTERNAL_SERVER_ERROR']);
      response.status(status).json({ errors: [masked] });
    }
  };
}

/** Apollo's own notices, without its noise about masked errors, which are logged with their id. */
function quietLogger(logger: Logger) {
  return {
    debug: (message?: unknown) => logger.trace(String(message)),
    info: (message?: unknown) => logger.debug(String(message)),
    warn: (message?: unknown) => logger.warn(String(message)),
    error: (message?: unknown) => logger.error(String(message)),
  };
}
