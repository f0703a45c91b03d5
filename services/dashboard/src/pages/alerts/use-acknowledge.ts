// Acknowledging, and what to say when it could not be done.
import { useState } from 'react';
import { change } from '../../login/own-account.ts';
import { ACKNOWLEDGE, UNACKNOWLEDGE } from './alert-documents.ts';

export interface Acknowledging {
  readonly isBusy: boolean;
  /** What went otherwise than asked; undefined while nothing did. */
  readonly said: string | undefined;
  readonly acknowledge: (ids: readonly string[], take: boolean) => void;
}

/** The API takes so many at once. */
const MOST_AT_ONCE = 500;

export function useAcknowledge(onDone: () => void): Acknowledging {
  const [isBusy, setBusy] = useState(false);
  const [said, setSaid] = useState<string>();

  const run = async (ids: readonly string[], take: boolean): Promise<void> => {
    setBusy(true);
    const variables = { ids: ids.slice(0, MOST_AT_ONCE) };
    const outcomes = take
      ? await change(ACKNOWLEDGE, variables).then((outcome) =>
          outcome.ok ? outcome.body.acknowledgeAlerts : outcome.failure,
        )
      : await change(UNACKNOWLEDGE, variables).then((outcome) =>
          outcome.ok ? outcome.body.unacknowledgeAlerts : outcome.failure,
        );
    setBusy(false);
    if (!(outcomes instanceof Array)) setSaid(outcomes.message);
    else if (outcomes.some(({ outcome }) => outcome === 'UNANSWERED'))
      setSaid('The alerter does not answer. It is on record, and done as soon as an alerter runs.');
    else if (outcomes.some(({ outcome }) => outcome === 'NOT_FIRING')) setSaid('Some of it was over already.');
    else setSaid(undefined);
    onDone();
  };
  return { isBusy, said, acknowledge: (ids, take) => void run(ids, take) };
}
