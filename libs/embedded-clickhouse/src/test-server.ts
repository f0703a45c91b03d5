// For tests: an embedded server on a directory of its own, and raw requests to it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createClient,
  ClickHouseLogLevel,
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
} from '@clickhouse/client';
import {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
} from './start-embedded-clickhouse.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface RawRequest {
  readonly inside?: boolean;
  readonly parameters?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly signal?: AbortSignal;
}

export class TestServer {
  readonly clickhouse: EmbeddedClickHouse;
  readonly dataDir: string;
  readonly #clients: ClickHouseClient[] = [];

  private constructor(clickhouse: EmbeddedClickHouse, dataDir: string) {
    this.clickhouse = clickhouse;
    this.dataDir = dataDir;
  }

  static async start(options: Partial<EmbeddedClickHouseOptions> = {}): Promise<TestServer> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'assay-clickhouse-')));
    const server = new TestServer(
      await startEmbeddedClickHouse({ port: 0, fsync: false, ...options, dataDir }),
      dataDir,
    );
    await server.inside('CREATE DATABASE IF NOT EXISTS assay ENGINE = Atomic');
    return server;
  }

  /** The unmodified official client, as one of our services. */
  client(options: ClickHouseClientConfigOptions = {}): ClickHouseClient {
    const { url, username, password } = this.clickhouse;
    const client = createClient({ url, username, password, log: { level: ClickHouseLogLevel.OFF }, ...options });
    this.#clients.push(client);
    return client;
  }

  /** The official client as anyone on this machine. */
  outsideClient(): ClickHouseClient {
    return this.client({ username: 'default', password: '' });
  }

  async request(body: string | Uint8Array | undefined, request: RawRequest = {}): Promise<RawAnswer> {
    const url = `${this.clickhouse.url}/?${new URLSearchParams(request.parameters)}`;
    const headers: Record<string, string> = { ...request.headers };
    if (request.inside) {
      headers['X-ClickHouse-User'] = this.clickhouse.username;
      headers['X-ClickHouse-Key'] = this.clickhouse.password;
    }
    const answer = await fetch(url, {
      method: request.method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      body: body === undefined ? null : typeof body === 'string' ? body : new Uint8Array(body),
      signal: request.signal ?? null,
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: answer.headers, bytes, text: bytes.toString('utf8') };
  }

  /** Runs a statement as one of our services; fails unless it succeeds. */
  async inside(sql: string, parameters: Record<string, string> = {}): Promise<string> {
    const answer = await this.request(sql, { inside: true, parameters });
    if (answer.status !== 200) throw new Error(`${sql}: ${answer.text}`);
    return answer.text;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.clickhouse.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Waits for a condition, looking again every few milliseconds; fails naming `what` after 20 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited 20 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
