// What a stranger wrote into a record, for a terminal: control characters, which could move the cursor or forge a line, are spelled out.

export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Microseconds since 1970 as ISO 8601 to the millisecond. */
export function isoTime(us: number): string {
  const ms = Math.floor(us / 1000);
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${us} us`;
}

/** Offset, hex and characters, 16 bytes a line, of the first `most` bytes. */
export function* hexDump(bytes: Uint8Array, most: number): Generator<string> {
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const row = bytes.subarray(at, Math.min(at + 16, most));
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const characters = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    yield `${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${characters.join('')}`;
  }
  if (bytes.length > most) yield `... ${bytes.length - most} more bytes`;
}
