// While a moved-on range is being fetched, the chart before it stays; it goes when the subject changes.
import { useRef } from 'react';

/** The newest answer given for a subject: `current`, or the one before while `current` is not there yet. */
export function useLastAnswer<Answer>(current: Answer | undefined, subject: string): Answer | undefined {
  const last = useRef<{ subject: string; answer: Answer }>(undefined);
  if (current !== undefined) last.current = { subject, answer: current };
  return last.current?.subject === subject ? last.current.answer : undefined;
}
