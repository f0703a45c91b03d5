// The proof-of-work algorithms Assay proves, and each one's difficulty convention in one place.

export type Algorithm = 'sha256d' | 'scrypt';

export interface AlgorithmFacts {
  readonly algorithm: Algorithm;
  /**
   * How much easier this algorithm's difficulty-1 target is than bitcoin's, as a power of two.
   * Bitcoin's difficulty 1 (bdiff) is the target 0x00000000FFFF0000...; scrypt pools use one 2^16 times easier.
   */
  readonly difficultyOneShift: number;
  /** Hashes expected for one share of difficulty 1: 2^48 / 65535 for bitcoin, that over 2^16 for scrypt. */
  readonly hashesPerDifficulty: number;
}

export const ALGORITHMS: Readonly<Record<Algorithm, AlgorithmFacts>> = {
  sha256d: { algorithm: 'sha256d', difficultyOneShift: 0, hashesPerDifficulty: 2 ** 48 / 65535 },
  scrypt: { algorithm: 'scrypt', difficultyOneShift: 16, hashesPerDifficulty: 2 ** 32 / 65535 },
};
