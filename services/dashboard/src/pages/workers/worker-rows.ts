// The rows of the workers table: fetched page by page in the background, patched by live updates, never re-ordered by them.
// At most MAX_ROWS are held; a larger fleet is said to be cut, and a filter reaches the rest.
import { ApiError } from '@assay/api-client';
import type { PageInfo, WorkerFilter, WorkerSort } from '../../api/schema-types.ts';
import type { LiveColumns, WorkerRow } from './workers-documents.ts';

export const PAGE_SIZE = 500;
export const MAX_ROWS = 50_000;
/** Names of workers that appeared after the order was made; past this many it only says "more than". */
export const MAX_NEWCOMERS = 1000;

export interface RowsPage {
  totalCount: number;
  pageInfo: PageInfo;
  nodes: WorkerRow[];
}

export type FetchRows = (
  question: { filter: WorkerFilter; sort: WorkerSort; first: number; after: string | null },
  signal: AbortSignal,
) => Promise<RowsPage>;

export interface RowsState {
  /** In the order of `orderedAtMs`; the rest up to `totalCount` is still being fetched. */
  readonly rows: readonly WorkerRow[];
  readonly totalCount: number;
  readonly phase: 'starting' | 'loading' | 'complete' | 'cut';
  readonly error: ApiError | undefined;
  /** When the first page of this order arrived, by this browser's clock. */
  readonly orderedAtMs: number | undefined;
  /** When a page or a live update last arrived. */
  readonly receivedAtMs: number | undefined;
  /** Rows whose values moved since the order was made. */
  readonly changed: number;
  /** Workers that match but have no row yet. */
  readonly newcomers: number;
}

export interface RowsQuestion {
  readonly filter: WorkerFilter;
  readonly sort: WorkerSort;
}

const EMPTY: RowsState = {
  rows: [],
  totalCount: 0,
  phase: 'starting',
  error: undefined,
  orderedAtMs: undefined,
  receivedAtMs: undefined,
  changed: 0,
  newcomers: 0,
};

export class WorkerRows {
  readonly #fetchRows: FetchRows;
  readonly #nowMs: () => number;
  readonly #listeners = new Set<() => void>();
  #state: RowsState = EMPTY;
  #question: RowsQuestion | undefined;
  #key = '';
  #indexes = new Map<string, number>();
  #changed = new Set<string>();
  #newcomers = new Set<string>();
  #abort = new AbortController();

  constructor(fetchRows: FetchRows, nowMs: () => number = Date.now) {
    this.#fetchRows = fetchRows;
    this.#nowMs = nowMs;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): RowsState => this.#state;

  /** Shows the answer to a question. The rows before it stay until its first page is there. The same question again only refreshes values. */
  async show(question: RowsQuestion): Promise<void> {
    const key = JSON.stringify(question);
    if (key === this.#key && this.#state.phase !== 'starting') return this.refreshValues();
    this.#key = key;
    this.#question = question;
    this.#set({ phase: 'starting', error: undefined });
    await this.#load();
  }

  /** Fetches everything anew, in a new order. */
  async reorder(): Promise<void> {
    if (this.#question) await this.#load();
  }

  /** Fetches all values anew without moving a row: for what live updates do not carry, and after they were missed. */
  async refreshValues(): Promise<void> {
    const question = this.#question;
    // Loading fetches current values anyway.
    if (!question || this.#state.phase === 'starting' || this.#state.phase === 'loading') return;
    const { signal } = this.#abort;
    try {
      let after: string | null = null;
      for (let fetched = 0; fetched < MAX_ROWS; fetched += PAGE_SIZE) {
        // By name, since pages of a moving order could miss some.
        const page: RowsPage = await this.#fetchRows(
          { filter: question.filter, sort: { field: 'NAME', direction: 'ASC' }, first: PAGE_SIZE, after },
          signal,
        );
        if (signal.aborted) return;
        this.patch(page.nodes);
        after = page.pageInfo.endCursor;
        if (!page.pageInfo.hasNextPage) break;
      }
      this.#set({ error: undefined });
    } catch (cause) {
      if (!signal.aborted) this.#set({ error: asApiError(cause) });
    }
  }

  /** Puts new values into the rows that are there. Workers without a row are counted as newcomers. */
  patch(updates: readonly (LiveColumns | WorkerRow)[]): void {
    if (updates.length === 0) return;
    const rows = [...this.#state.rows];
    for (const update of updates) {
      const index = this.#indexes.get(update.name);
      if (index === undefined) {
        if (this.#state.phase === 'complete' && this.#newcomers.size < MAX_NEWCOMERS) this.#newcomers.add(update.name);
        continue;
      }
      rows[index] = { ...rows[index]!, ...update };
      this.#changed.add(update.name);
    }
    this.#set({ rows, changed: this.#changed.size, newcomers: this.#newcomers.size, receivedAtMs: this.#nowMs() });
  }

  /** Stops what is being fetched; the rows stay for when the page comes back. */
  pause(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    // An order that is not whole has to be fetched again.
    if (this.#state.phase === 'loading' || this.#state.phase === 'starting') this.#key = '';
  }

  async #load(): Promise<void> {
    this.#abort.abort();
    const abort = (this.#abort = new AbortController());
    const { filter, sort } = this.#question!;
    let after: string | null = null;
    let rows: WorkerRow[] = [];
    const seen = new Set<string>();
    try {
      for (;;) {
        const page: RowsPage = await this.#fetchRows({ filter, sort, first: PAGE_SIZE, after }, abort.signal);
        if (abort.signal.aborted) return;
        if (after === null) this.#beginOrder();
        // A worker that moved across a page's edge between two requests would come twice.
        const fresh = page.nodes.filter((row) => !seen.has(row.name));
        for (const row of fresh) seen.add(row.name);
        rows = [...(after === null ? [] : this.#state.rows), ...fresh];
        for (let i = rows.length - fresh.length; i < rows.length; i++) this.#indexes.set(rows[i]!.name, i);
        after = page.pageInfo.endCursor;
        const more = page.pageInfo.hasNextPage;
        const cut = more && rows.length >= MAX_ROWS;
        this.#set({
          rows,
          totalCount: more ? Math.min(MAX_ROWS, Math.max(page.totalCount, rows.length)) : rows.length,
          phase: cut ? 'cut' : more ? 'loading' : 'complete',
          error: undefined,
          receivedAtMs: this.#nowMs(),
        });
        if (!more || cut) return;
      }
    } catch (cause) {
      if (abort.signal.aborted) return;
      this.#set({ error: asApiError(cause), phase: after === null ? this.#state.phase : 'loading' });
    }
  }

  #beginOrder(): void {
    this.#indexes = new Map();
    this.#changed = new Set();
    this.#newcomers = new Set();
    this.#set({ orderedAtMs: this.#nowMs(), changed: 0, newcomers: 0 });
  }

  #set(change: Partial<RowsState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function asApiError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError('UNKNOWN', String(cause), false);
}
