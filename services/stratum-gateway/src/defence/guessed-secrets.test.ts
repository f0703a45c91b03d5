import { expect, it } from 'vitest';
import { GuessedSecrets } from './guessed-secrets.ts';

it('counts what was not said before, and little of one secret tried on many', () => {
  const guessed = new GuessedSecrets();
  expect(guessed.weigh('acme.a', 'one')).toBe(1);
  for (let reconnect = 0; reconnect < 1000; reconnect++) expect(guessed.weigh('acme.a', 'one')).toBe(0);
  expect(guessed.weigh('acme.b', 'one')).toBeCloseTo(0.1);
  expect(guessed.weigh('acme.a', 'two')).toBe(1);
});

it('goes on counting when it has to forget', () => {
  const guessed = new GuessedSecrets();
  let guesses = 0;
  for (let i = 0; i < 5000; i++) guesses += guessed.weigh('acme.a', `secret ${i}`);
  expect(guesses).toBe(5000);
});
