// Quantiles of the gamma distribution: what the exact interval of a Poisson count is made of.
import { assert } from '@assay/kernel';

// Lanczos approximation of ln Gamma (g = 7, 9 coefficients; Godfrey 2001), good to 1e-14 relative for positive arguments.
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Natural logarithm of the gamma function, x > 0. */
export function lnGamma(x: number): number {
  const z = x - 1;
  let series: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) series += LANCZOS[i]! / (z + i);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}

/** Regularised lower incomplete gamma function P(a, x), a > 0, x >= 0 (DLMF 8.11.4 below the mean, the continued fraction 8.9.2 above). */
export function gammaP(a: number, x: number): number {
  if (x <= 0) return 0;
  const scale = Math.exp(a * Math.log(x) - x - lnGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return sum * scale;
  }
  // Lentz's method.
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (Math.abs(an * d + b) < tiny ? tiny : an * d + b);
    c = Math.abs(b + an / c) < tiny ? tiny : b + an / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return 1 - scale * fraction;
}

const STANDARD_NORMAL_975 = 1.959963984540054;
/** Above this shape Wilson and Hilferty's cube is within 2e-4 of the quantile's distance from the mean: far closer than any interval needs. */
const CLOSED_FORM_FROM = 50;

/** The 2.5 % or 97.5 % quantile of the gamma distribution with the given shape (> 0) and scale 1. */
export function gammaQuantile(tail: 'low' | 'high', shape: number): number {
  assert(shape > 0, `the shape of a gamma distribution is positive, got ${shape}`);
  const z = tail === 'low' ? -STANDARD_NORMAL_975 : STANDARD_NORMAL_975;
  const cube = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape));
  const start = shape * Math.max(cube, 0) ** 3;
  if (shape >= CLOSED_FORM_FROM) return start;

  const probability = tail === 'low' ? 0.025 : 0.975;
  // For small shapes P(a, x) is close to x^a / Gamma(a + 1) near zero, where the cube is useless.
  const nearZero = Math.exp((Math.log(probability) + lnGamma(shape + 1)) / shape);
  let x = tail === 'low' && shape < 2 ? nearZero : Math.max(start, nearZero);
  let low = 0;
  let high = Infinity;
  for (let step = 0; step < 60; step++) {
    const error = gammaP(shape, x) - probability;
    if (error > 0) high = x;
    else low = x;
    const density = Math.exp((shape - 1) * Math.log(x) - x - lnGamma(shape));
    // Halley's step, kept inside the bracket.
    const newton = error / density;
    let next = x - newton / (1 - 0.5 * newton * ((shape - 1) / x - 1));
    if (!(next > low && next < high)) next = high === Infinity ? x * 2 : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-10 * x) return next;
    x = next;
  }
  return x;
}
