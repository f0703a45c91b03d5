// Documents that clients named by their SHA-256, so that they need not send them again (Apollo's protocol of persisted queries). A document is only
// ever found by the hash of its own text, so whoever registers it changes nothing for others; its operations pass the same gate every time.
// Bounded: MAX_BYTES of text; the one used longest ago goes, and its client is told to send it again.
const MAX_BYTES = 8 * 1024 * 1024;

/** As Apollo Server wants a cache to be. */
export class PersistedDocuments {
  readonly #texts = new Map<string, string>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  async get(key: string): Promise<string | undefined> {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return text;
  }

  async set(key: string, text: string): Promise<void> {
    await this.delete(key);
    this.#texts.set(key, text);
    this.#bytes += sizeOf(key, text);
    for (const oldest of this.#texts.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      await this.delete(oldest);
    }
  }

  async delete(key: string): Promise<boolean> {
    const text = this.#texts.get(key);
    if (text === undefined) return false;
    this.#bytes -= sizeOf(key, text);
    return this.#texts.delete(key);
  }
}

/** As strings are held in memory when they are not of Latin letters only. */
function sizeOf(key: string, text: string): number {
  return 2 * (key.length + text.length);
}
