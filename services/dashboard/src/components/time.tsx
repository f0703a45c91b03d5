// Moments and ages. Ages tick, by the server's clock; every moment has its UTC time in the tooltip.
import type { ReactNode } from 'react';
import { serverNowMs, useServerNow } from '../api/server-clock.ts';
import type { DateTime } from '../api/schema-types.ts';
import { formatDuration, formatMoment, formatUtc } from '../format/time.ts';

/** `14 min`, growing while one looks at it. */
export function Age({ since }: { since: DateTime }): ReactNode {
  const now = useServerNow();
  const at = new Date(since);
  return (
    <time dateTime={since} title={formatUtc(at)}>
      {formatDuration(now - at.getTime())}
    </time>
  );
}

/** A local moment, `14:03:07`. */
export function Moment({ at }: { at: DateTime }): ReactNode {
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatUtc(date)}>
      {formatMoment(date, new Date(serverNowMs()))}
    </time>
  );
}
