// A table as a file, declared once by its columns: all of what a page lists, from the same list and so with the same eyes.
// Bounded as the list is: a million entries of a kind, of changes and alerts what is remembered. It is paid for in values before its first line is sent,
// and made line by line as it is read, of what was there when it began.
import { Slices } from '../slices.ts';
import { csvLine, type CsvValue } from './csv.ts';
import { CSV_TYPE, type Download, type DownloadRequest } from './download.ts';

export interface TableRows<Row> {
  readonly count: number;
  readonly rows: Iterable<Row>;
}

interface CsvTable<Row> {
  /** Of the file, with the day behind it. */
  readonly name: string;
  /** What the viewer sees of it that the parameters let through. */
  readonly rowsFor: (request: DownloadRequest) => TableRows<Row>;
  readonly columns: Readonly<Record<string, (row: Row) => CsvValue>>;
}

/** Characters that are sent at once. */
const PIECE_LENGTH = 65_536;

export function csvTable<Row>({ name, columns, rowsFor }: CsvTable<Row>) {
  const titles = Object.keys(columns);
  const cells = Object.values(columns);
  const lineOf = (row: Row): string => csvLine(cells.map((cell) => cell(row)));
  return async (request: DownloadRequest): Promise<Download> => {
    const { count, rows } = rowsFor(request);
    request.spend(count * titles.length);
    const date = new Date(request.ports.clock.nowUs() / 1000).toISOString().slice(0, 10);
    const chunks = pieces(csvLine(titles), rows, lineOf);
    return { fileName: `assay-${name}-${date}.csv`, contentType: CSV_TYPE, chunks };
  };
}

/** Others are served in between: without, 100,000 workers' entries kept them waiting for as long as the whole file took. */
async function* pieces<Row>(head: string, rows: Iterable<Row>, lineOf: (row: Row) => string): AsyncIterable<string> {
  const slices = new Slices();
  let piece = head;
  for (const row of rows) {
    piece += lineOf(row);
    if (piece.length >= PIECE_LENGTH) {
      yield piece;
      piece = '';
    }
    if (slices.isOver()) await slices.next();
  }
  if (piece !== '') yield piece;
}
