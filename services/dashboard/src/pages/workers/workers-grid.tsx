// The virtualised grid: only the rows in view are in the document, and it tells assistive technology how many there are.
// The grid itself has the focus; the active row is named by aria-activedescendant, so that scrolling a row out of view loses nothing.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import type { WorkerSort, WorkerSortField } from '../../api/schema-types.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { navigate } from '../../router/location.ts';
import { workerPath } from '../../router/routes.ts';
import { useTenant } from '../../router/tenant.ts';
import { withTenant } from '../../router/with-tenant.ts';
import { COLUMNS } from './columns.tsx';
import { useMediaQuery } from './use-media-query.ts';
import type { WorkerRow } from './workers-documents.ts';

const ROW_HEIGHT = 36;
const CARD_HEIGHT = 84;

interface WorkersGridProps {
  readonly rows: readonly WorkerRow[];
  readonly totalCount: number;
  readonly sort: WorkerSort;
  readonly onSort: (field: WorkerSortField) => void;
  /** Changes when the rows are put into a new order: the grid then goes to its top. */
  readonly orderKey: string;
  readonly busy: boolean;
}

/** Where the reader was, for coming back from a worker's page. */
const kept = { orderKey: '', offset: 0, active: 0 };

export function WorkersGrid({ rows, totalCount, sort, onSort, orderKey, busy }: WorkersGridProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const tenant = useTenant();
  const narrow = useMediaQuery('(max-width: 720px)');
  const rowHeight = narrow ? CARD_HEIGHT : ROW_HEIGHT;
  const returning = kept.orderKey === orderKey;
  const [active, setActive] = useState(returning ? kept.active : 0);
  const virtualizer = useVirtualizer({
    count: totalCount,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    scrollPaddingStart: narrow ? 0 : ROW_HEIGHT,
    initialOffset: returning ? kept.offset : 0,
  });

  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  const shownOrder = useRef(orderKey);
  useEffect(() => {
    if (shownOrder.current !== orderKey) {
      shownOrder.current = orderKey;
      setActive(0);
      box.current?.scrollTo({ top: 0 });
    }
  }, [orderKey]);

  useEffect(() => {
    Object.assign(kept, { orderKey, active });
  }, [orderKey, active]);

  const moveTo = (index: number): void => {
    const next = Math.min(totalCount - 1, Math.max(0, index));
    setActive(next);
    virtualizer.scrollToIndex(next);
  };
  const open = (index: number): void => {
    const row = rows[index];
    if (row) navigate(withTenant(workerPath(row.name), tenant));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey || event.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 2);
    const steps: Record<string, () => void> = {
      ArrowDown: () => moveTo(active + 1),
      ArrowUp: () => moveTo(active - 1),
      PageDown: () => moveTo(active + page),
      PageUp: () => moveTo(active - page),
      Home: () => moveTo(0),
      End: () => moveTo(totalCount - 1),
      Enter: () => open(active),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };
  const onRowClick = (event: MouseEvent, index: number): void => {
    setActive(index);
    // The name is a link and follows itself; a click that ends a text selection is not a click.
    if ((event.target as Element).closest('a') || String(getSelection()) !== '') return;
    open(index);
  };

  const shown = virtualizer.getVirtualItems();
  const activeShown = shown.some((item) => item.index === active);
  return (
    <div
      ref={box}
      className={`grid ${narrow ? 'cards' : ''}`}
      role="grid"
      aria-label="Workers"
      aria-rowcount={totalCount + 1}
      aria-colcount={COLUMNS.length}
      aria-busy={busy}
      aria-activedescendant={activeShown ? `worker-row-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => (kept.offset = event.currentTarget.scrollTop)}
      data-testid="workers-grid"
    >
      <div role="rowgroup" className="grid-head">
        <div role="row" aria-rowindex={1} className="grid-row">
          {COLUMNS.map((column, index) => (
            <div
              key={column.id}
              role="columnheader"
              aria-colindex={index + 1}
              aria-sort={ariaSort(column.sort, sort)}
              className={`cell ${column.id}`}
              title={column.hint}
            >
              {column.sort === undefined ? (
                column.title
              ) : (
                <SortButton title={column.title} field={column.sort} sort={sort} onSort={onSort} />
              )}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="grid-body" style={{ height: virtualizer.getTotalSize() }}>
        {shown.map((item) => (
          <GridRow
            key={item.index}
            row={rows[item.index]}
            index={item.index}
            top={item.start}
            height={rowHeight}
            active={item.index === active}
            onClick={onRowClick}
          />
        ))}
      </div>
    </div>
  );
}

function ariaSort(
  field: WorkerSortField | undefined,
  sort: WorkerSort,
): 'ascending' | 'descending' | 'none' | undefined {
  if (field === undefined) return undefined;
  if (field !== sort.field) return 'none';
  return sort.direction === 'ASC' ? 'ascending' : 'descending';
}

function SortButton({
  title,
  field,
  sort,
  onSort,
}: {
  title: string;
  field: WorkerSortField;
  sort: WorkerSort;
  onSort: (field: WorkerSortField) => void;
}): ReactNode {
  const mark = field !== sort.field ? '' : sort.direction === 'ASC' ? '↑' : '↓';
  return (
    <button type="button" className="sort" onClick={() => onSort(field)}>
      {title}
      <span aria-hidden="true" className="sort-mark">
        {mark}
      </span>
    </button>
  );
}

interface GridRowProps {
  readonly row: WorkerRow | undefined;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly active: boolean;
  readonly onClick: (event: MouseEvent, index: number) => void;
}

function GridRowView({ row, index, top, height, active, onClick }: GridRowProps): ReactNode {
  return (
    <div
      role="row"
      id={`worker-row-${index}`}
      aria-rowindex={index + 2}
      aria-selected={active}
      className={`grid-row data ${active ? 'active' : ''}`}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={(event) => onClick(event, index)}
    >
      {COLUMNS.map((column, at) => (
        <div key={column.id} role="gridcell" aria-colindex={at + 1} className={`cell ${column.id}`}>
          {row ? column.cell(row) : <Skeleton width={column.id === 'name' ? '60%' : '45%'} height={11} />}
        </div>
      ))}
    </div>
  );
}

// The click handler is new with every render of the grid, but only reads the rows when clicked.
const GridRow = memo(
  GridRowView,
  (before, after) =>
    before.row === after.row &&
    before.index === after.index &&
    before.top === after.top &&
    before.height === after.height &&
    before.active === after.active,
);
