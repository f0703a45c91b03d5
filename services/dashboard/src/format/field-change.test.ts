import { describe, expect, it } from 'vitest';
import { shownChange } from './field-change.ts';

describe('a change of a field', () => {
  it.each([
    ['expectedHashRateHs', '100000000000000', '110000000000000', 'expected rate', '100 TH/s', '110 TH/s'],
    ['ratedPowerWatts', null, '3250', 'rated power', '', '3,250\u00a0W'],
    ['model', '"S19"', '"S21"', 'model', 'S19', 'S21'],
    ['tags', '["a","b"]', '["b","c"]', 'tags', '− a', '+ c'],
    ['tags', null, '[]', 'tags', '', 'none'],
    ['under', '["a","b"…', '["a","c"…', 'under', '["a","b"…', '["a","c"…'],
    ['autoRegister', 'false', 'true', 'takes new workers in', 'no', 'yes'],
    ['fromUs', '1767225600000000', null, 'from', '2026-01-01 00:00:00 UTC', ''],
    ['fraction', '0.5', '0.125', 'fraction', '50 %', '12.5 %'],
    ['maxWorkers', null, '250', 'max workers', '', '250'],
    ['secretHash', '"(secret)"', '"(secret)"', 'secret', '(secret)', '(secret)'],
    [
      'invitation',
      null,
      '{"tokenHash":"(secret)","expiresAtUs":1767225600000000}',
      'invitation',
      '',
      'token (secret), expires at 2026-01-01 00:00:00 UTC',
    ],
    ['steps', null, '[{"afterMinutes":0,"channels":["a","b"]}]', 'steps', '', 'after minutes 0, channels a, b'],
    [
      'grants',
      '[]',
      '[{"role":"site_manager","tenant":"acme","site":"acme.north"},{"role":"auditor","tenant":"*"}]',
      'grants',
      'none',
      'site manager, acme.north; auditor, everywhere',
    ],
  ])('%s from %s to %s', (field, before, after, label, shownBefore, shownAfter) => {
    expect(shownChange({ field, before, after })).toEqual({ label, before: shownBefore, after: shownAfter });
  });
});
