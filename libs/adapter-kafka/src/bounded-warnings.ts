// Warnings come from retries, and retries come in crowds. Bound: so many in a minute; how many more there were is said with the next one.
const WINDOW_MS = 60_000;
const PER_WINDOW = 30;

export function boundedWarnings(warn: (message: string) => void): (message: string) => void {
  let windowEndsMs = -Infinity;
  let count = 0;
  let suppressed = 0;
  return (message) => {
    if (performance.now() > windowEndsMs) {
      windowEndsMs = performance.now() + WINDOW_MS;
      count = 0;
    }
    if (count++ >= PER_WINDOW) return void suppressed++;
    warn(suppressed > 0 ? `${message} (${suppressed} warnings before this one were left out)` : message);
    suppressed = 0;
  };
}
