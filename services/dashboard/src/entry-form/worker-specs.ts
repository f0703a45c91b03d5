// How what is entered of a worker is typed.
import type { FieldSpec } from './field-specs.ts';

export const STANDING_WORDS = { ACTIVE: 'Active', QUARANTINED: 'In quarantine', RETIRED: 'Retired' } as const;

export const STANDING_FIELD: FieldSpec = {
  name: 'standing',
  label: 'Standing',
  kind: 'choice',
  choices: Object.entries(STANDING_WORDS).map(([value, label]) => ({ value, label })),
  initial: 'ACTIVE',
  hint: 'In quarantine it mines, but nobody has said that it belongs here. Retired it is let in no more.',
};

const WHAT_IT_IS: readonly FieldSpec[] = [
  { name: 'model', label: 'Model', kind: 'text', placeholder: 'such as S19j Pro' },
  {
    name: 'expectedHashRate',
    label: 'Expected rate',
    kind: 'rate',
    placeholder: 'such as 110 TH/s',
    hint: 'Counts at once, before what its password says.',
  },
  { name: 'ratedPowerWatts', label: 'Rated power, watts', kind: 'number', placeholder: 'such as 3250' },
  { name: 'owner', label: 'Owner', kind: 'text', hint: 'Who answers for it, in your own words.' },
];

export const WORKER_SPECS: readonly FieldSpec[] = [
  STANDING_FIELD,
  ...WHAT_IT_IS,
  { name: 'tags', label: 'Tags', kind: 'list', placeholder: 'such as row-a, new' },
  { name: 'note', label: 'Note', kind: 'note' },
];

/** Of many at once: what is left empty stays as each has it. */
export const MANY_WORKERS_SPECS: readonly FieldSpec[] = [
  ...WHAT_IT_IS,
  { name: 'addTags', label: 'Tags to add', kind: 'list' },
  { name: 'removeTags', label: 'Tags to take away', kind: 'list' },
];
