// A scrape waits a second for what it would like to know, and goes on without.
const PATIENCE_MS = 1_000;

/** Resolves when `work` has, or when patience is over; `work` must not reject. */
export async function withinPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
