import { describe, expect, it } from 'vitest';
import { ApiError } from '@assay/api-client';
import type { WorkerRow } from './workers-documents.ts';
import { PAGE_SIZE, WorkerRows, type FetchRows } from './worker-rows.ts';

function row(name: string, difficulty = 1): WorkerRow {
  return {
    name,
    tenant: 'a',
    path: name,
    status: 'ONLINE',
    userAgent: '',
    difficulty,
    lastShareAt: null,
    hashRate: null,
    contribution: null,
    uptime: 1,
    shares: { accepted: 1, rejected: 0, invalidFraction: 0 },
  };
}

/** A list served in pages, as the API does; every request is kept. */
function listOf(rows: WorkerRow[]): { fetchRows: FetchRows; asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  const fetchRows: FetchRows = ({ first, after }) => {
    asked.push(after);
    const start = after === null ? 0 : Number(after) + 1;
    const nodes = rows.slice(start, start + first);
    const end = start + nodes.length - 1;
    return Promise.resolve({
      totalCount: rows.length,
      nodes,
      pageInfo: { hasNextPage: end + 1 < rows.length, endCursor: String(end) },
    });
  };
  return { fetchRows, asked };
}

const QUESTION = { filter: {}, sort: { field: 'NAME', direction: 'ASC' } } as const;
const names = (count: number): WorkerRow[] =>
  Array.from({ length: count }, (_, i) => row(`w${String(i).padStart(6, '0')}`));

describe('WorkerRows', () => {
  it('fetches page after page until all rows are there', async () => {
    const { fetchRows, asked } = listOf(names(2 * PAGE_SIZE + 1));
    const rows = new WorkerRows(fetchRows);
    const seen: number[] = [];
    rows.subscribe(() => seen.push(rows.state().rows.length));
    await rows.show(QUESTION);
    expect(asked).toEqual([null, '499', '999']);
    expect(rows.state()).toMatchObject({ totalCount: 1001, phase: 'complete', changed: 0 });
    expect(rows.state().rows).toHaveLength(1001);
    expect(seen).toContain(500);
  });

  it('patches values without moving a row, and counts newcomers', async () => {
    const { fetchRows } = listOf(names(3));
    const rows = new WorkerRows(fetchRows, () => 42);
    await rows.show(QUESTION);
    rows.patch([row('w000002', 77), row('w000002', 78), row('unknown')]);
    expect(rows.state().rows.map((each) => [each.name, each.difficulty])).toEqual([
      ['w000000', 1],
      ['w000001', 1],
      ['w000002', 78],
    ]);
    expect(rows.state()).toMatchObject({ changed: 1, newcomers: 1, receivedAtMs: 42 });
    await rows.reorder();
    expect(rows.state()).toMatchObject({ changed: 0, newcomers: 0 });
  });

  it('keeps rows and order when only values are refreshed', async () => {
    const list = names(3).reverse();
    const { fetchRows } = listOf(list);
    const rows = new WorkerRows(fetchRows);
    await rows.show(QUESTION);
    const before = rows.state().rows.map((each) => each.name);
    list.reverse();
    list[0]!.difficulty = 9;
    await rows.show(QUESTION);
    expect(rows.state().rows.map((each) => each.name)).toEqual(before);
    expect(rows.state().rows[2]!.difficulty).toBe(9);
  });

  it('takes a worker that crossed a page edge once', async () => {
    const list = names(PAGE_SIZE + 10);
    const { fetchRows } = listOf(list);
    let calls = 0;
    const rows = new WorkerRows((question, signal) => {
      // Between the first and the second page the last row of the first one slips behind the edge.
      if (calls++ === 1) list.splice(PAGE_SIZE, 0, list[PAGE_SIZE - 1]!);
      return fetchRows(question, signal);
    });
    await rows.show(QUESTION);
    expect(rows.state().rows).toHaveLength(PAGE_SIZE + 10);
    expect(new Set(rows.state().rows.map((each) => each.name)).size).toBe(PAGE_SIZE + 10);
    expect(rows.state().totalCount).toBe(PAGE_SIZE + 10);
  });

  it('drops the answer to a question that is no longer asked', async () => {
    const { fetchRows } = listOf(names(2));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const rows = new WorkerRows(async (question, signal) => {
      if (question.filter.search === 'slow') {
        await held;
        return { totalCount: 1, nodes: [row('slow')], pageInfo: { hasNextPage: false, endCursor: null } };
      }
      return fetchRows(question, signal);
    });
    const slow = rows.show({ ...QUESTION, filter: { search: 'slow' } });
    await rows.show(QUESTION);
    release();
    await slow;
    expect(rows.state().rows.map((each) => each.name)).toEqual(['w000000', 'w000001']);
  });

  it('says what failed and keeps what it has', async () => {
    const { fetchRows } = listOf(names(2 * PAGE_SIZE));
    const rows = new WorkerRows((question, signal) => {
      if (question.after !== null) return Promise.reject(new ApiError('ANALYTICS_UNAVAILABLE', 'away', true));
      return fetchRows(question, signal);
    });
    await rows.show(QUESTION);
    expect(rows.state().error?.code).toBe('ANALYTICS_UNAVAILABLE');
    expect(rows.state().rows).toHaveLength(PAGE_SIZE);
    expect(rows.state().phase).toBe('loading');
  });
});
