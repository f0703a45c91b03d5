import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatExactHashRate, parseHashRate } from '../format/hash-rate-text.ts';
import { askedSpecs, draftOf, givenIn, type FieldSpec } from './field-specs.ts';

const SPECS: FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
  { name: 'expectedHashRate', label: 'Expected rate', kind: 'rate' },
  { name: 'maxWorkers', label: 'Most workers', kind: 'count' },
  { name: 'fraction', label: 'Share', kind: 'percent' },
  { name: 'tags', label: 'Tags', kind: 'list' },
  { name: 'autoRegister', label: 'Takes newcomers', kind: 'flag' },
  { name: 'from', label: 'From', kind: 'moment' },
];
const ENTRY = {
  name: 'North',
  expectedHashRate: 1.1e14,
  maxWorkers: null,
  fraction: 0.333333,
  tags: ['a', 'b'],
  autoRegister: true,
  from: '2026-05-01T10:30:00.000Z',
};

describe('a form', () => {
  it('sends nothing of an entry nobody touched, whatever it holds', () => {
    expect(givenIn(SPECS, draftOf(SPECS, ENTRY), ENTRY)).toEqual({ input: {} });
  });

  it('sends what was changed, and takes away what was emptied', () => {
    const draft = {
      ...draftOf(SPECS, ENTRY),
      expectedHashRate: '',
      maxWorkers: '250',
      tags: 'b,  c\nb',
      autoRegister: '',
    };
    expect(givenIn(SPECS, draft, ENTRY)).toEqual({
      input: { expectedHashRate: null, maxWorkers: 250, tags: ['b', 'c'], autoRegister: false },
    });
  });

  it('of a new entry sends what was given', () => {
    const draft = { name: ' North ', expectedHashRate: '1.1 PH/s', fraction: '50 %', from: '2026-05-01T10:30' };
    expect(givenIn(SPECS, draft, undefined)).toEqual({
      input: {
        name: 'North',
        expectedHashRate: 1.1e15,
        fraction: 0.5,
        tags: [],
        autoRegister: false,
        from: new Date('2026-05-01T10:30').toISOString(),
      },
    });
  });

  it('says what is wrong, by field, and sends nothing then', () => {
    const draft = { name: '', expectedHashRate: 'fast', maxWorkers: '1.5', fraction: '0', from: 'soon' };
    const { problems, input } = givenIn(SPECS, draft, undefined);
    expect(Object.keys(problems!)).toEqual(['name', 'expectedHashRate', 'maxWorkers', 'fraction', 'from']);
    expect(input).toBeUndefined();
  });
});

it('asks for what goes with another field, of a new entry and of one that is there', () => {
  const specs: FieldSpec[] = [
    { name: 'chat', label: 'Chat', kind: 'text', when: { name: 'type', is: 'TELEGRAM' } },
    { name: 'to', label: 'Addresses', kind: 'list', when: { name: 'type', is: 'MAIL' } },
  ];
  const asked = (draft: Record<string, string>, entry?: object) =>
    askedSpecs(specs, draft, entry as Record<string, unknown> | undefined).map(({ name }) => name);
  expect(asked({ type: 'MAIL' })).toEqual(['to']);
  expect(asked({ type: 'TELEGRAM' })).toEqual(['chat']);
  expect(asked({}, { type: 'MAIL' })).toEqual(['to']);
});

describe('a hash rate', () => {
  it('is read as it was written, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 0, max: 15 }), (digits, zeros) => {
        const rate = Number(`${digits}e${zeros}`);
        expect(parseHashRate(formatExactHashRate(rate))).toBe(rate);
      }),
    );
  });

  it.each([
    ['110T', 1.1e14],
    ['110 TH/s', 1.1e14],
    ['25000', 25_000],
    ['.5PH', 5e14],
    ['0', undefined],
    ['110 T/s', undefined],
    ['110 XH/s', undefined],
    ['', undefined],
  ])('%s is %s', (text, rate) => {
    expect(parseHashRate(text)).toBe(rate);
  });
});
