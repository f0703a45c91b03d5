import { describe, expect, it } from 'vitest';
import { jobsPlan } from './job-sources.ts';
import { testConfig } from '../testing/test-gateway.ts';

describe('where jobs come from', () => {
  it('is ourselves when nothing is said', () => {
    const plan = jobsPlan(testConfig({ algorithm: 'scrypt' }));
    expect([...plan.sources]).toEqual([['local', { type: 'local', algorithm: 'scrypt' }]]);
    expect(plan.defaultSource).toBe('local');
  });

  it('is the upstream pool of the settings, with the others to turn to', () => {
    const plan = jobsPlan(
      testConfig({
        upstreamUrl: 'stratum+tcp://one.example:3333, stratum+ssl://two.example:3334',
        upstreamUser: 'farm.{path}',
        upstreamPassword: 'x',
      }),
    );
    expect(plan.sources.get('upstream')).toMatchObject({
      type: 'pool',
      algorithm: 'sha256d',
      onLoss: 'disconnect',
      endpoints: [
        { url: 'stratum+tcp://one.example:3333', user: 'farm.{path}', baseUser: 'farm' },
        { url: 'stratum+ssl://two.example:3334' },
      ],
    });
  });

  it.each([
    [
      { upstreamUrl: 'http://pool:1', upstreamUser: 'a' },
      /ASSAY_UPSTREAM_URL="http:\/\/pool:1" cannot be used: must begin/,
    ],
    [{ upstreamUrl: 'stratum+tcp://pool:1' }, /ASSAY_UPSTREAM_USER="" cannot be used/],
    [{ upstreamUrl: 'stratum+tcp://pool:1', upstreamUser: '{worker}' }, /ASSAY_UPSTREAM_USER="\{worker\}" .*baseUser/],
    [{ upstreamUrl: 'stratum+tcp://pool:1', upstreamUser: 'a', jobsFile: 'jobs.json' }, /set one of them/],
  ])('with %o is refused with a sentence', (changes, message) => {
    expect(() => jobsPlan(testConfig(changes))).toThrow(message);
  });
});
