// A local cluster in a directory of its own, which goes with it, and its answers.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCluster, LOG_DIR, type ClusterOptions } from '@assay/infra';
import { askGraphql, askSql, type SqlSource } from './ask.ts';

export class ClusterProcesses implements SqlSource {
  readonly cluster: LocalCluster;
  readonly #dir: string;

  private constructor(cluster: LocalCluster, dir: string) {
    this.cluster = cluster;
    this.#dir = dir;
  }

  static async launch(options: Omit<ClusterOptions, 'dir'>): Promise<ClusterProcesses> {
    const dir = mkdtempSync(join(tmpdir(), 'assay-cluster-'));
    try {
      return new ClusterProcesses(await LocalCluster.start({ ...options, dir }), dir);
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  sql<Row>(query: string, params: Record<string, unknown> = {}): Promise<Row[]> {
    return askSql(this.cluster.clickHouse.url, query, params);
  }

  graphql<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    return askGraphql(this.cluster.httpUrl, query, variables);
  }

  /** Stops everything and removes its data; resolves with what did not stop by itself. */
  async dispose(): Promise<string[]> {
    const forced = await this.cluster.stop();
    rmSync(this.#dir, { recursive: true, force: true });
    return forced;
  }

  /** The same, but for what the services said, for whoever has to find out why. Resolves with where that is. */
  async disposeButLogs(): Promise<string> {
    await this.cluster.stop();
    for (const name of readdirSync(this.#dir))
      if (name !== LOG_DIR) rmSync(join(this.#dir, name), { recursive: true, force: true });
    return join(this.#dir, LOG_DIR);
  }
}
