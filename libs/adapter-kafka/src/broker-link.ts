// One connection to one broker. A broker works on one request of a connection at a time, so whatever may wait on it (a long poll, a join, an
// append) has a connection of its own: that is what the lanes of kafka-cluster.ts are.
// Invariant: every request ends, by its answer or with a LinkError; a link on which one went unanswered for too long is never used again.
import type { ConnectionOptions } from 'node:tls';
import { LinkError } from './kafka-errors.ts';
import {
  API_KEYS,
  API_VERSIONS,
  createConnection,
  kafkaRequest,
  type ApiRange,
  type KafkajsConnection,
  type KafkajsLogger,
  type ProtocolRequest,
  type Sasl,
} from './kafkajs-protocol.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface LinkSettings {
  readonly clientId: string;
  readonly ssl: ConnectionOptions | null;
  readonly sasl: Sasl | null;
  readonly logger: KafkajsLogger;
  readonly connectTimeoutMs: number;
}

export class BrokerLink {
  readonly address: BrokerAddress;
  readonly #connection: KafkajsConnection;
  readonly #needsLogin: boolean;
  #destroyed = false;

  private constructor(address: BrokerAddress, settings: LinkSettings) {
    this.address = address;
    this.#needsLogin = settings.sasl !== null;
    this.#connection = createConnection({
      ...address,
      clientId: settings.clientId,
      ssl: settings.ssl,
      // A copy: kafkajs keeps the state of the login in it.
      sasl: settings.sasl && { ...settings.sasl },
      logger: settings.logger,
      connectionTimeout: settings.connectTimeoutMs,
      requestTimeout: settings.connectTimeoutMs,
      enforceRequestTimeout: false,
    });
  }

  /** Connects, learns what the broker speaks, and logs in. Rejects within the connect timeout. */
  static async open(address: BrokerAddress, settings: LinkSettings): Promise<BrokerLink> {
    const link = new BrokerLink(address, settings);
    const name = `${address.host}:${address.port}`;
    const timer = setTimeout(
      () => link.destroy(`${name} did not let us in within ${settings.connectTimeoutMs} ms`),
      settings.connectTimeoutMs,
    );
    try {
      await link.#connection.connect();
      await link.#logIn();
      return link;
    } catch (error) {
      link.destroy('never used');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get alive(): boolean {
    return !this.#destroyed && this.#connection.isConnected();
  }

  /** False when the broker will ask for a new login (connections.max.reauth.ms): then a new link is due. */
  get authenticated(): boolean {
    return !this.#needsLogin || this.#connection.isAuthenticated();
  }

  /** The answer to the request. After `timeoutMs` without one the link is destroyed, with every other request on it. */
  async send<Answer>(request: ProtocolRequest<Answer>, timeoutMs: number): Promise<Answer> {
    const { host, port } = this.address;
    if (this.#destroyed) throw new LinkError(`the connection to ${host}:${port} is closed`);
    const timer = setTimeout(
      () => this.destroy(`${host}:${port} did not answer a ${request.request.apiName} within ${timeoutMs} ms`),
      timeoutMs,
    );
    try {
      return await this.#connection.send(request);
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(reason: string): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#connection.rejectRequests(new LinkError(reason));
    // kafkajs waits for open requests before it closes; there are none now. What it may throw concerns a connection nobody has any more.
    void this.#connection.disconnect().catch(() => undefined);
    this.#connection.socket?.destroy();
  }

  async #logIn(): Promise<void> {
    const { apiVersions } = await this.#connection.send(
      kafkaRequest<{ apiVersions: readonly (ApiRange & { apiKey: number })[] }>('ApiVersions', {}),
    );
    const ranges = Object.fromEntries(apiVersions.map((range) => [range.apiKey, range]));
    for (const [api, version] of Object.entries(API_VERSIONS)) {
      const range = ranges[API_KEYS[api]!];
      if (range === undefined || version < range.minVersion || version > range.maxVersion)
        throw new LinkError(`${this.address.host}:${this.address.port} does not speak version ${version} of ${api}`);
    }
    this.#connection.setVersions(ranges);
    this.#connection.setSupportAuthenticationProtocol(true);
    await this.#connection.authenticate();
  }
}
