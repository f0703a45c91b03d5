// Turns a failed start into a sentence that names what to change.

/** One sentence for people; unknown failures keep their stack, since then it is a bug report. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = error;
  const { code, path } = error as { code?: string; path?: string };
  switch (code) {
    case undefined:
      break;
    case 'EADDRINUSE':
      return `port ${portOf(error)} is taken by another process: ${message}. Stop it, or choose another port (ASSAY_STRATUM_PORT, ASSAY_HTTP_PORT, ASSAY_CLICKHOUSE_PORT).`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `ASSAY_HOST names no address of this machine: ${message}.`;
    case 'EACCES':
    case 'EPERM':
      return `permission denied for ${path ?? `port ${portOf(error)}`}: ${message}.`;
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EROFS':
      if (path === undefined) break;
      return `the data directory (ASSAY_DATA_DIR) cannot be used: ${message}.`;
    case 'ENOSPC':
      return `the disk of the data directory is full: ${message}.`;
    case 'bad_settings':
    case 'bad_arguments':
    case 'data_in_use':
      return message;
  }
  // ClickHouse, which says so by its own code only.
  if (message.includes('NOT_ENOUGH_SPACE')) return `the disk of the data directory is full: ${message}`;
  return error.stack ?? message;
}

/** A failure that crossed threads has kept its message only. */
function portOf(error: Error): string {
  return String((error as { port?: number }).port ?? /:(\d+)\b/.exec(error.message)?.[1] ?? '');
}
