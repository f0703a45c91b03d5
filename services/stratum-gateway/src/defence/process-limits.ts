// What the process may use of the machine, and what it does: open files and memory. Read where Linux shows it; elsewhere nothing is known
// of the files, and memory is what Node says.
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** How many files the process may have open; undefined where that is not known or without limit. */
export function descriptorLimit(read: (path: string) => string = readText): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(read('/proc/self/limits'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/**
 * Memory of the process in bytes, without the pages of mapped files, which are the kernel's to take back: the log and the spool are mapped.
 * Undefined when it cannot be had now: even Node's own way opens a file, which a process without file descriptors cannot.
 */
export function ownMemoryBytes(
  read: (path: string) => string = readText,
  residentBytes: () => number = () => process.memoryUsage.rss(),
): number | undefined {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(read('/proc/self/status'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux, or no file descriptor is left.
  }
  try {
    return residentBytes();
  } catch {
    return undefined;
  }
}

/** What the container may use, or else what the machine has, bytes. */
export function memoryThereIs(): number {
  const constrained = process.constrainedMemory() as number | undefined;
  const total = totalmem();
  return constrained !== undefined && constrained > 0 ? Math.min(constrained, total) : total;
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
