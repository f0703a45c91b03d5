// A file of nothing beside the log. LMDB writes new pages even to delete old ones, so on a disk that is really full retention could not make
// room and consumers could not commit. When the disk fills, the file goes, and what it held is enough for both until there is room for it again.
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(64 * 1024);

export class DiskReserve {
  readonly #file: string;
  readonly #bytes: number;
  #whole = false;

  constructor(dir: string, bytes: number) {
    this.#file = join(dir, 'reserve');
    this.#bytes = bytes;
  }

  /** Gives the disk its room back. */
  async release(): Promise<void> {
    this.#whole = false;
    await rm(this.#file, { force: true });
  }

  /** Takes the room, as much as there is; true when that is all of it. */
  async restore(): Promise<boolean> {
    if (this.#whole) return true;
    try {
      const file = await open(this.#file, 'a');
      try {
        for (let { size } = await stat(this.#file); size < this.#bytes; size += CHUNK.length)
          await file.appendFile(CHUNK);
        await file.sync();
        this.#whole = true;
      } finally {
        await file.close();
      }
    } catch {
      // No room for all of it yet. What fits stays, the next sweep tries again.
      this.#whole = false;
    }
    return this.#whole;
  }
}
