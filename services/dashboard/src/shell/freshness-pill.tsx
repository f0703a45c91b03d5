// One glance at the top right: is what I see current?
import type { ReactNode } from 'react';
import { useFreshness } from '../api/freshness.tsx';
import { useSocketState } from '../api/live-socket.ts';
import { Age } from '../components/time.tsx';

export function FreshnessPill(): ReactNode {
  const { state, status } = useFreshness();
  const socket = useSocketState();
  switch (state) {
    case 'starting':
      return <Pill tone="">Connecting</Pill>;
    case 'lost':
      return <Pill tone="bad">Not connected</Pill>;
    case 'failing':
      return <Pill tone="bad">API failing</Pill>;
    case 'rebuilding':
      return <Pill tone="warn">Rebuilding</Pill>;
    case 'live':
      if (socket === 'lost') return <Pill tone="warn">Live updates paused</Pill>;
      if (!status || status.newestShareAt === null) return <Pill tone="good">Live · no share yet</Pill>;
      return (
        <Pill tone="good">
          Live
          <span className="wide-only">
            {' '}
            · newest share <Age since={status.newestShareAt} /> ago
          </span>
        </Pill>
      );
  }
}

function Pill({ tone, children }: { tone: string; children: ReactNode }): ReactNode {
  return (
    <span className="pill" data-testid="freshness">
      <span className={`dot ${tone}`} />
      <span>{children}</span>
    </span>
  );
}
