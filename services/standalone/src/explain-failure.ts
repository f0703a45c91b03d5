// Turns a failed start into a sentence that names what to change.

/** One sentence for people; unknown failures keep their stack, since then it is a bug report. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, path } = error as { code?: string; port?: number; path?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port ?? ''} is taken by another process. ${error.message}. Stop it, or choose another port (ASSAY_STRATUM_PORT, ASSAY_HTTP_PORT, ASSAY_CLICKHOUSE_PORT).`;
    case 'EACCES':
      return `permission denied for ${path ?? `port ${port ?? ''}`}: ${error.message}.`;
    case 'ENOSPC':
      return `the disk of the data directory is full: ${error.message}.`;
    case 'bad_settings':
    case 'bad_arguments':
    case 'data_in_use':
      return error.message;
    default:
      return error.stack ?? error.message;
  }
}
