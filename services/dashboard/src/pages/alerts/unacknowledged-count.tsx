// How many alerts fire that nobody has acknowledged, beside the word in the navigation. Nothing while there are none, or none are known.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { useSubscription } from '../../api/use-subscription.ts';
import { ALERT_COUNTS, ALERTS_CHANGED } from './alert-documents.ts';

const MOST_SHOWN = 99;

export function UnacknowledgedCount(): ReactNode {
  const { data, refetch } = useQuery(ALERT_COUNTS, {}, { pollMs: 60_000 });
  const [told, setTold] = useState<{ readonly before: unknown; readonly firing: number; readonly critical: number }>();
  useSubscription(ALERTS_CHANGED, {}, ({ alertsChanged }) => {
    if (data === undefined) refetch();
    setTold({ before: data, ...alertsChanged.counts });
  });
  // What was told since the last answer is newer than that.
  const counts = told !== undefined && told.before === data ? told : data?.alertCounts;
  if (counts === undefined || counts.firing === 0) return null;
  const { firing, critical } = counts;
  return (
    <span className={critical > 0 ? 'count bad' : 'count warn'} title={`${firing} not acknowledged`}>
      {firing > MOST_SHOWN ? `${MOST_SHOWN}+` : firing}
      <span className="sr-only"> not acknowledged</span>
    </span>
  );
}
