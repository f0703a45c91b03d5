// Tables, the one way: rows and columns where there is room, and on a phone each row by itself with the column's title before each value. The roles are
// said outright, since browsers forget them where a table is laid out as anything else.
import type { ReactNode } from 'react';

interface TableProps {
  /** What a screen reader calls it. */
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Table({ label, className = '', children }: TableProps): ReactNode {
  return (
    <div className="scroll-x" role="region" aria-label={label} tabIndex={0}>
      <table role="table" aria-label={label} className={`simple-table ${className}`}>
        {children}
      </table>
    </div>
  );
}

export function TableHead({ children }: { children: ReactNode }): ReactNode {
  return (
    <thead role="rowgroup">
      <tr role="row">{children}</tr>
    </thead>
  );
}

export function TableBody({ children }: { children: ReactNode }): ReactNode {
  return <tbody role="rowgroup">{children}</tbody>;
}

export function TableRow({ className, children }: { className?: string | undefined; children: ReactNode }): ReactNode {
  return (
    <tr role="row" className={className}>
      {children}
    </tr>
  );
}

interface CellProps {
  readonly isNumber?: boolean | undefined;
  readonly className?: string | undefined;
  readonly children?: ReactNode;
}

function classes(isNumber: boolean | undefined, className: string | undefined): string | undefined {
  return [isNumber === true ? 'number' : '', className ?? ''].filter((each) => each !== '').join(' ') || undefined;
}

export function HeadCell({ isNumber, className, children }: CellProps): ReactNode {
  return (
    <th scope="col" role="columnheader" className={classes(isNumber, className)}>
      {children}
    </th>
  );
}

/** What the row is about; it heads the row on a phone. */
export function RowHead({ className, children }: CellProps): ReactNode {
  return (
    <th scope="row" role="rowheader" className={className}>
      {children}
    </th>
  );
}

/** @param title the column's, as it stands before the value on a phone; empty for what needs none, such as a button */
export function Cell({ title, isNumber, className, children }: CellProps & { readonly title: string }): ReactNode {
  return (
    <td role="cell" data-title={title} className={classes(isNumber, className)}>
      {children}
    </td>
  );
}

export interface Column<Row> {
  /** Empty for tags that speak for themselves. */
  readonly title: string;
  readonly isNumber?: boolean;
  /** Left out where there is little room. */
  readonly isMinor?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly className?: string;
  /** The first one heads its row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
  readonly rowClass?: (row: Row) => string | undefined;
  /** What can be done with a row, and its title for who cannot see that there is none. */
  readonly actions?: { readonly title: string; readonly cell: (row: Row) => ReactNode } | undefined;
}

export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { label, className, columns, rows, keyOf, rowClass, actions } = props;
  const [head, ...others] = columns;
  const minor = (column: Column<Row>): string | undefined => (column.isMinor ? 'minor' : undefined);
  return (
    <Table label={label} {...(className !== undefined && { className })}>
      <TableHead>
        {columns.map((column) => (
          <HeadCell key={column.title} isNumber={column.isNumber} className={minor(column)}>
            {column.title}
          </HeadCell>
        ))}
        {actions && (
          <HeadCell>
            <span className="sr-only">{actions.title}</span>
          </HeadCell>
        )}
      </TableHead>
      <TableBody>
        {rows.map((row, index) => (
          <TableRow key={keyOf(row, index)} className={rowClass?.(row)}>
            <RowHead>{head?.cell(row)}</RowHead>
            {others.map((column) => (
              <Cell key={column.title} title={column.title} isNumber={column.isNumber} className={minor(column)}>
                {column.cell(row)}
              </Cell>
            ))}
            {actions && (
              <Cell title="" className="actions">
                {actions.cell(row)}
              </Cell>
            )}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
