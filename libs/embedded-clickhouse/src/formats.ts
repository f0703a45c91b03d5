// Output formats: what a browser or a client is told about each, and which may be sent block by block. The engine writes every
// block as a document of its own, so a format streams only if its documents can be joined, or its repeated header cut off.

const STREAMED_PLAIN = new Set([
  'JSONEachRow', 'JSONLines', 'JSONL', 'NDJSON', 'JSONStringsEachRow', 'JSONCompactEachRow', 'JSONCompactStringsEachRow',
  'CSV', 'TSV', 'TabSeparated', 'TSVRaw', 'TabSeparatedRaw', 'Raw', 'TSKV', 'LineAsString', 'RawBLOB', 'RowBinary', 'Native',
]); // prettier-ignore

/** Formats whose header comes again with every block. */
const STREAMED_WITH_HEADER: Readonly<Record<string, (bytes: Uint8Array) => number>> = {
  TSVWithNames: (bytes) => lines(bytes, 1),
  TabSeparatedWithNames: (bytes) => lines(bytes, 1),
  TSVWithNamesAndTypes: (bytes) => lines(bytes, 2),
  TabSeparatedWithNamesAndTypes: (bytes) => lines(bytes, 2),
  JSONCompactEachRowWithNames: (bytes) => lines(bytes, 1),
  JSONCompactEachRowWithNamesAndTypes: (bytes) => lines(bytes, 2),
  CSVWithNames: (bytes) => csvRows(bytes, 1),
  CSVWithNamesAndTypes: (bytes) => csvRows(bytes, 2),
  RowBinaryWithNames: (bytes) => binaryHeader(bytes, 1),
  RowBinaryWithNamesAndTypes: (bytes) => binaryHeader(bytes, 2),
};

export function isStreamed(format: string): boolean {
  return STREAMED_PLAIN.has(format) || Object.hasOwn(STREAMED_WITH_HEADER, format);
}

/** Bytes of the header at the head of a later block: they are not sent again. */
export function repeatedHeaderBytes(format: string, block: Uint8Array): number {
  return STREAMED_WITH_HEADER[format]?.(block) ?? 0;
}

/** The Content-Type ClickHouse's server gives the format. */
export function contentType(format: string): string {
  if (/^(JSON$|JSONCompact|JSONStrings|JSONColumns|JSONObject)/.test(format) && !format.includes('EachRow'))
    return 'application/json; charset=UTF-8';
  if (/EachRow|NDJSON|JSONL/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('CSV')) return `text/csv; charset=UTF-8; header=${format === 'CSV' ? 'absent' : 'present'}`;
  if (/^(TSV|TabSeparated|Raw)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (format === 'XML') return 'application/xml; charset=UTF-8';
  if (/^(RowBinary|Native|Parquet|ORC|Avro|Arrow|MsgPack|Npy|BSON|RawBLOB|Buffers|PNG)/.test(format))
    return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
}

function lines(bytes: Uint8Array, count: number): number {
  let end = 0;
  for (let i = 0; i < count; i++) end = bytes.indexOf(0x0a, end) + 1;
  return end;
}

/** Names in a CSV header are quoted and may hold line breaks; a quote inside is doubled, which toggles twice. */
function csvRows(bytes: Uint8Array, count: number): number {
  let quoted = false;
  let left = count;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x22) quoted = !quoted;
    else if (bytes[i] === 0x0a && !quoted && --left === 0) return i + 1;
  }
  return bytes.length;
}

/** A varint count of columns, then one or two lists of strings, each with its varint length. */
function binaryHeader(bytes: Uint8Array, lists: number): number {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[position++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const columns = varint();
  for (let i = 0; i < columns * lists; i++) {
    const length = varint();
    position += length;
  }
  return position;
}
