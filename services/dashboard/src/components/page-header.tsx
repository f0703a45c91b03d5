// A page's title, and the age of its data as soon as that is worth saying.
import { useEffect, type ReactNode } from 'react';
import { useServerNow } from '../api/server-clock.ts';
import { formatDuration } from '../format/time.ts';

/** Data older than this is said to be old. */
const OLD_AFTER_MS = 20_000;

interface PageHeaderProps {
  readonly title: string;
  readonly heading?: ReactNode;
  /** When the page's data arrived, by this browser's clock. */
  readonly receivedAtMs?: number | undefined;
  readonly children?: ReactNode;
}

export function PageHeader({ title, heading, receivedAtMs, children }: PageHeaderProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Assay`;
  }, [title]);
  return (
    <div className="page-header">
      {heading ?? <h1>{title}</h1>}
      <DataAge receivedAtMs={receivedAtMs} />
      {children !== undefined && <div className="end">{children}</div>}
    </div>
  );
}

function DataAge({ receivedAtMs }: { receivedAtMs: number | undefined }): ReactNode {
  useServerNow();
  if (receivedAtMs === undefined) return null;
  const ageMs = Date.now() - receivedAtMs;
  if (ageMs < OLD_AFTER_MS) return null;
  return <span className="old-data">Data is {formatDuration(ageMs)} old</span>;
}
