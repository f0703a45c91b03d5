// Quantities as Kubernetes writes them: 500m, 1.5, 256Mi, 20Gi.
const UNITS: Readonly<Record<string, number>> = {
  '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50,
}; // prettier-ignore

/** Its value in cores or bytes, or undefined when it is none. */
export function parseQuantity(text: string): number | undefined {
  const [, number, unit] = /^([0-9]+(?:\.[0-9]+)?)(m|[kMGTP]|[KMGTP]i)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit ?? '']!;
}
