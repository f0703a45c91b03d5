// The shape of what is about to be there.
import type { ReactNode } from 'react';

export function Skeleton({ width, height = 12 }: { width: number | string; height?: number }): ReactNode {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />;
}

/** Several lines, announced once as loading. */
export function SkeletonLines({ lines, height = 14 }: { lines: number; height?: number }): ReactNode {
  return (
    <div className="panel-body" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} style={{ padding: '5px 0' }}>
          <Skeleton width={`${92 - ((line * 17) % 40)}%`} height={height} />
        </div>
      ))}
    </div>
  );
}
