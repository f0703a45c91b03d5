// From which fraction rejected shares are shown as a fault: more than the network's latency does by itself.
const INVALID_FROM = 0.02;

export function isFaulty(fraction: number | null): boolean {
  return fraction !== null && fraction >= INVALID_FROM;
}
