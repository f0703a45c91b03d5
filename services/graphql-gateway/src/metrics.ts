// What the gateway counts. Label values come from fixed sets, so that no client can make the number of series grow.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ErrorCode } from './errors.ts';

export type OperationKind = 'query' | 'mutation' | 'subscription' | 'invalid';
export type OperationTransport = 'http' | 'websocket';

const LATENCY_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class GatewayMetrics {
  readonly #operations: Counter<'kind' | 'transport' | 'code'>;
  readonly #latency: Histogram<'kind' | 'transport'>;
  readonly #errors: Counter<'code'>;
  readonly #storeQueries: Histogram<'query' | 'outcome'>;
  readonly #messages: Counter<'subscription'>;
  readonly subscriptions: Gauge;
  readonly webSockets: Gauge;
  readonly webSocketsRefused: Counter<'reason'>;
  readonly #downloads: Counter<'path' | 'code'>;
  readonly #downloadTime: Histogram<'path'>;
  readonly logins: Counter<'method' | 'outcome'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#operations = new Counter({
      name: 'assay_graphql_operations_total',
      help: 'GraphQL operations by kind, transport and first error code (ok without one).',
      labelNames: ['kind', 'transport', 'code'],
      registers,
    });
    this.#latency = new Histogram({
      name: 'assay_graphql_operation_seconds',
      help: 'Time from receiving an operation to its answer; for subscriptions, to being subscribed.',
      labelNames: ['kind', 'transport'],
      buckets: LATENCY_BUCKETS,
      registers,
    });
    this.#errors = new Counter({
      name: 'assay_graphql_errors_total',
      help: 'Errors returned to clients by code; one operation may return several.',
      labelNames: ['code'],
      registers,
    });
    this.#storeQueries = new Histogram({
      name: 'assay_graphql_store_query_seconds',
      help: 'ClickHouse queries behind GraphQL fields by name and outcome.',
      labelNames: ['query', 'outcome'],
      buckets: LATENCY_BUCKETS,
      registers,
    });
    this.#messages = new Counter({
      name: 'assay_graphql_subscription_messages_total',
      help: 'Messages sent by subscriptions.',
      labelNames: ['subscription'],
      registers,
    });
    this.subscriptions = new Gauge({
      name: 'assay_graphql_subscriptions',
      help: 'Subscriptions under way.',
      registers,
    });
    this.webSockets = new Gauge({
      name: 'assay_graphql_websockets',
      help: 'Open GraphQL WebSocket connections.',
      registers,
    });
    this.webSocketsRefused = new Counter({
      name: 'assay_graphql_websockets_refused_total',
      help: 'WebSocket connections refused, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#downloads = new Counter({
      name: 'assay_downloads_total',
      help: 'Reports and tables asked for as files, by path and error code (ok without one).',
      labelNames: ['path', 'code'],
      registers,
    });
    this.#downloadTime = new Histogram({
      name: 'assay_download_seconds',
      help: 'Time from a request for a file to its last byte.',
      labelNames: ['path'],
      buckets: LATENCY_BUCKETS,
      registers,
    });
    this.logins = new Counter({
      name: 'assay_logins_total',
      help: 'Logins by what was shown and how they ended.',
      labelNames: ['method', 'outcome'],
      registers,
    });
  }

  /** Counts an operation that has ended after `seconds`, with the codes of its errors. */
  operation(kind: OperationKind, transport: OperationTransport, seconds: number, codes: readonly ErrorCode[]): void {
    this.#operations.inc({ kind, transport, code: codes[0] ?? 'ok' });
    this.#latency.observe({ kind, transport }, seconds);
    for (const code of codes) this.#errors.inc({ code });
  }

  /** Starts timing a store query; call the result with its outcome. */
  storeQuery(query: string): (outcome: string) => void {
    const end = this.#storeQueries.startTimer({ query });
    return (outcome) => void end({ outcome });
  }

  /** Starts timing a file; call the result with how it ended. @param path one of those there are */
  download(path: string): (code: ErrorCode | 'ok') => void {
    const end = this.#downloadTime.startTimer({ path });
    return (code) => {
      this.#downloads.inc({ path, code });
      end();
    };
  }

  subscriptionMessage(subscription: string): void {
    this.#messages.inc({ subscription });
  }
}
