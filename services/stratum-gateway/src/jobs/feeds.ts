// All feeds of a gateway, and which of them a machine works for: the one that the longest route names which its worker's name begins with,
// among those that hash as the port does, else the port's own. Routes change at run time; the file's are what a start begins with.
import type { Algorithm } from '@assay/mining';
import type { WorkerName } from '@assay/tenancy';
import type { Feed } from './feed.ts';

/** What a route is looked up for. */
export interface RoutedPort {
  readonly name: string;
  readonly algorithm: Algorithm;
  /** The source of machines that no route names. */
  readonly source: string;
}

/** Routes that may be changed at run time, beyond which a change is refused. */
const MAX_ROUTES = 10_000;

export class Feeds {
  /** A source with several connections is several feeds. */
  readonly #bySource: ReadonlyMap<string, readonly Feed[]>;
  readonly #ofFile: ReadonlyMap<string, readonly string[]>;
  readonly #changed = new Map<string, string>();

  /** @param routes source names by tenant, site or longer beginning of a worker's name */
  constructor(
    bySource: ReadonlyMap<string, readonly Feed[]>,
    routes: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.#bySource = bySource;
    this.#ofFile = routes;
  }

  get all(): readonly Feed[] {
    return [...this.#bySource.values()].flat();
  }

  /** The feeds of one source, or of all. */
  named(source: string | undefined): readonly Feed[] {
    return source === undefined ? this.all : (this.#bySource.get(source) ?? []);
  }

  /** 'ok' as long as any of them has jobs to give, of its source or of our own. */
  get state(): string {
    const { all } = this;
    return all.some(({ book, closed }) => !closed && book.current !== undefined) ? 'ok' : all[0]!.state;
  }

  /** What is not as it should be, by source. */
  get troubles(): Readonly<Record<string, string>> {
    const troubled = this.all.filter(({ state }) => state !== 'ok');
    return Object.fromEntries(troubled.map(({ name, state }) => [`jobs of ${name}`, state]));
  }

  /** The feed a worker's machine belongs to on a port. */
  of(worker: WorkerName, port: RoutedPort): Feed {
    const parts = worker.worker.split('.');
    for (let length = parts.length; length > 0; length--) {
      const feed = this.#routed(parts.slice(0, length).join('.'), worker, port.algorithm);
      if (feed !== undefined) return feed;
    }
    return this.defaultOf(port, worker.worker);
  }

  /** The feed of machines that no route names. @param key spreads machines over the feeds of a source, always in the same way */
  defaultOf(port: RoutedPort, key = ''): Feed {
    const changed = this.#spread(this.#changed.get(portKey(port.name)) ?? port.source, key);
    return changed?.settings.algorithm === port.algorithm ? changed : this.#spread(port.source, key)!;
  }

  /** Puts machines to another source. @param source undefined for what the file says. Returns what is wrong with that, if anything is. */
  route(route: RouteChange): string | undefined {
    const { source } = route;
    const key = 'port' in route ? portKey(route.port) : route.worker;
    if (source === undefined) {
      this.#changed.delete(key);
      return undefined;
    }
    if (!this.#bySource.has(source)) return `there is no job source ${source}`;
    if (!this.#changed.has(key) && this.#changed.size >= MAX_ROUTES) return `there are ${MAX_ROUTES} routes already`;
    this.#changed.set(key, source);
    return undefined;
  }

  #routed(prefix: string, worker: WorkerName, algorithm: Algorithm): Feed | undefined {
    const changed = this.#changed.get(prefix);
    const names = changed === undefined ? this.#ofFile.get(prefix) : [changed, ...(this.#ofFile.get(prefix) ?? [])];
    for (const name of names ?? []) {
      const feed = this.#spread(name, worker.worker);
      if (feed?.settings.algorithm === algorithm) return feed;
    }
    return undefined;
  }

  #spread(source: string, key: string): Feed | undefined {
    const feeds = this.#bySource.get(source);
    if (feeds === undefined || feeds.length === 1) return feeds?.[0];
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
    return feeds[hash % feeds.length];
  }
}

/** Machines of a tenant, a site or a longer beginning of a worker's name; or those of a port that no such route names. */
export type RouteChange =
  | { readonly worker: string; readonly source: string | undefined }
  | { readonly port: string; readonly source: string | undefined };

/** No worker's name has a space. */
function portKey(name: string): string {
  return `port ${name}`;
}
