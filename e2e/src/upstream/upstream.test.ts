// A farm on pools that misbehave, for half a minute. `npm run upstream -- --minutes 10` is the long form.
import { expect, it } from 'vitest';
import { runUpstream } from './run.ts';

it('what machines submitted, what was verified and what pools credited agree to the share', async () => {
  const report = await runUpstream({ seed: 11, machines: 60, seconds: 30, disturbSeconds: 2, say: () => undefined });
  expect(report).toMatchObject({ problems: [], unrecorded: 0, undue: 0, falselyCredited: 0, uncreditedByUs: 0 });
  expect(report.credited).toBeGreaterThan(100);
});
