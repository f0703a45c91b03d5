// The part of kafkajs 2.2.4 this adapter stands on: one connection (TCP, TLS, SASL, correlation of answers) and the encoders and decoders of
// requests. Neither is in kafkajs's public types, so the few that are needed are written here. kafkajs has no `exports` map, so the
// files can be loaded; its version is pinned, so they stay what they are. Everything above (metadata, producer, groups) is ours: ADR 7 says why.
import { createRequire } from 'node:module';
import type { ConnectionOptions } from 'node:tls';

const load = createRequire(import.meta.url);

export interface WireEncoder {
  readonly buffer: Buffer;
  writeInt8(value: number): WireEncoder;
  writeInt16(value: number): WireEncoder;
  writeInt32(value: number): WireEncoder;
  writeString(value: string | null): WireEncoder;
  writeBytes(value: Buffer): WireEncoder;
  writeArray(value: readonly WireEncoder[] | readonly number[] | readonly string[]): WireEncoder;
}

export interface WireDecoder {
  readInt16(): number;
  readInt32(): number;
  /** A Long. */
  readInt64(): { toString(): string };
  readString(): string | null;
  /** Null when the length is -1. */
  readBytes(): Buffer | null;
  readArray<T>(read: (decoder: WireDecoder) => T): T[];
}

export const Encoder = load('kafkajs/src/protocol/encoder.js') as new () => WireEncoder;
export const Decoder = load('kafkajs/src/protocol/decoder.js') as new (buffer: Buffer) => WireDecoder;

/** A request, and how to read its answer: `decode` gives the answer, `parse` throws a ProtocolError when it holds an error code. */
export interface ProtocolRequest<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<WireEncoder>;
  };
  readonly response: { decode(raw: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<Answer> };
}

interface Definition {
  protocol(options: { version: number }): (parameters: Record<string, unknown>) => ProtocolRequest<unknown>;
}

const { requests } = load('kafkajs/src/protocol/requests/index.js') as { requests: Record<string, Definition> };
export const API_KEYS = load('kafkajs/src/protocol/requests/apiKeys.js') as Readonly<Record<string, number>>;

/** The versions spoken, all of which brokers from 2.4 to 4.x understand. Fetch and Produce are coded in fetch-request.ts and produce-request.ts. */
export const API_VERSIONS = {
  Produce: 7,
  Fetch: 11,
  ListOffsets: 3,
  Metadata: 6,
  OffsetCommit: 5,
  OffsetFetch: 4,
  GroupCoordinator: 2,
  JoinGroup: 5,
  Heartbeat: 3,
  LeaveGroup: 3,
  SyncGroup: 3,
  ApiVersions: 2,
  CreateTopics: 3,
  InitProducerId: 1,
  DescribeConfigs: 2,
  AlterConfigs: 1,
  CreatePartitions: 1,
} as const;

/** A request of kafkajs's. The shape of the answer is the caller's word; it stands in kafkajs's response.js of that version. */
export function kafkaRequest<Answer>(
  api: keyof typeof API_VERSIONS,
  parameters: Record<string, unknown>,
): ProtocolRequest<Answer> {
  return requests[api]!.protocol({ version: API_VERSIONS[api] })(parameters) as ProtocolRequest<Answer>;
}

/** The same request, its answer as it came: error codes inside it are for the caller to read. */
export function unparsed<Answer>(request: ProtocolRequest<Answer>): ProtocolRequest<Answer> {
  return { ...request, response: { decode: request.response.decode, parse: async (decoded) => decoded as Answer } };
}

/** What a broker says is wrong: `type` is the name Kafka gives to the code, as kafkajs knows it. */
export interface ProtocolError extends Error {
  readonly type: string;
  readonly code: number;
}

const errors = load('kafkajs/src/protocol/error.js') as { createErrorFromCode(code: number): ProtocolError };
export const protocolError = (code: number): ProtocolError => errors.createErrorFromCode(code);

export type Sasl = {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
};

export type KafkajsLogger = Record<'info' | 'error' | 'warn' | 'debug', (message: string) => void> & {
  namespace(): KafkajsLogger;
};

export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly ssl: ConnectionOptions | null;
  readonly sasl: Sasl | null;
  readonly logger: KafkajsLogger;
  readonly connectionTimeout: number;
  /** kafkajs checks timeouts with an interval timer of 100 ms per connection; ours are per request (broker-link.ts). */
  readonly enforceRequestTimeout: false;
  readonly requestTimeout: number;
  readonly socketFactory: unknown;
}

export interface KafkajsConnection {
  readonly socket?: { destroy(): void };
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  isConnected(): boolean;
  isAuthenticated(): boolean;
  setVersions(versions: Readonly<Record<number, ApiRange>>): void;
  setSupportAuthenticationProtocol(isSupported: boolean): void;
  authenticate(): Promise<void>;
  send<Answer>(request: ProtocolRequest<Answer>): Promise<Answer>;
  rejectRequests(error: Error): void;
  readonly requestQueue: { readonly pending: readonly unknown[]; scheduleCheckPendingRequests(): void };
}

export interface ApiRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

const BareConnection = load('kafkajs/src/network/connection.js') as new (
  settings: ConnectionSettings,
) => KafkajsConnection;
const socketFactory = (load('kafkajs/src/network/socketFactory.js') as () => unknown)();

/** A connection of kafkajs's, not yet connected. */
export function createConnection(settings: Omit<ConnectionSettings, 'socketFactory'>): KafkajsConnection {
  const connection = new BareConnection({ ...settings, socketFactory });
  // After every answer kafkajs sets a timer to look for throttled requests, with a negative delay when there are none, which newer
  // versions of Node warn of. It is only needed when there are some.
  const queue = connection.requestQueue;
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
  return connection;
}

/** Kafka's own hash of a key, so that other producers' keys land where ours do. */
export const murmur2 = load('kafkajs/src/producer/partitioners/default/murmur2.js') as (key: string) => number;
