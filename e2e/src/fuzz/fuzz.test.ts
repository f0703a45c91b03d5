// The fuzzing that needs more than the stratum library, in a form short enough for every run; npm run fuzz is the long one.
import { fuzz, readFound, readSeeds } from '@assay/stratum/fuzz';
import { describe, expect, it } from 'vitest';
import { fuzzGateway } from './gateway-fuzz.ts';
import { SESSION_BOUND_BYTES, sessionGrowth } from './growth.ts';
import { JOBS_FILE } from './jobs-file.fuzz.ts';

describe('the jobs file', () => {
  it('takes 5,000 mutated texts, and its seeds', () => {
    for (const seed of readSeeds(JOBS_FILE)) JOBS_FILE.one(seed);
    fuzz('jobs-file', JOBS_FILE, 5000, 1);
  });

  it.each([...readFound('jobs-file', JOBS_FILE)])('takes %s, which broke it once', (_, input) => JOBS_FILE.one(input));
});

describe('a session', () => {
  it('holds no more than it may after tens of thousands of lines', () => {
    const { lines, bytes } = sessionGrowth(1);
    expect(lines).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(SESSION_BOUND_BYTES);
  });
});

describe('a gateway', () => {
  it('answers or closes 1,000 connections that send anything, lets go of them, and an honest miner mines on', async () => {
    const { linesHeard, honestShares } = await fuzzGateway(1000, 1);
    expect(linesHeard).toBeGreaterThan(1000);
    expect(honestShares).toBe(3);
  });
});
