import { describe, expect, it } from 'vitest';
import { formatEfficiency, formatEfficiencyInterval, splitEfficiency } from './efficiency.ts';

describe('efficiency', () => {
  it('is in the unit that data sheets use', () => {
    expect(formatEfficiency(2.15e-11)).toBe('21.5\u00a0J/TH');
    expect(formatEfficiency(3250 / 9.5e9)).toBe('342\u00a0J/GH');
    expect(splitEfficiency(15 / 1.2e12)).toEqual({ value: '12.5', unit: 'J/TH' });
    expect(splitEfficiency(2e-6)).toEqual({ value: '2.00', unit: 'J/MH' });
  });

  it('has its interval in the unit of the value', () => {
    expect(formatEfficiencyInterval(2.09e-11, 2.234e-11, 2.15e-11)).toBe('20.9–22.3');
    expect(formatEfficiencyInterval(9.7e-10, 1.04e-9, 1e-9)).toBe('0.97–1.04');
    expect(formatEfficiencyInterval(2.09e-11, null, 2.15e-11)).toBe('20.9 or more');
  });
});
