// What can be wrong with bytes that should be a share block. The code is stable and goes into dead-letter headers and metrics.

export type ShareBlockErrorCode =
  /** The bytes are no Arrow IPC stream of one record batch: framing, metadata or buffers do not fit together. */
  | 'malformed'
  /** The stream is whole, but its schema is none that this version reads. */
  | 'unknown_schema'
  /** More shares than a block may hold. */
  | 'too_many_shares'
  /** A value lies outside what its column allows: a code without entry, offsets out of order, a time or difficulty out of range. */
  | 'bad_value'
  /** A share's tenant is not the first segment of its worker's name. */
  | 'bad_tenant'
  /** A job does not parse, or its hash is not that of its content. */
  | 'bad_job';

export class ShareBlockError extends Error {
  override readonly name = 'ShareBlockError';
  readonly retriable = false;
  readonly code: ShareBlockErrorCode;
  constructor(code: ShareBlockErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
