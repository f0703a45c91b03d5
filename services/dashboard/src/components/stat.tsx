// One figure of a strip: what it is, its value, and what belongs to it in small print.
import type { ReactNode } from 'react';

interface StatProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly note: ReactNode;
  readonly faulty?: boolean;
}

export function Stat({ label, children, note, faulty = false }: StatProps): ReactNode {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd className={`value live ${faulty ? 'faulty' : ''}`}>{children}</dd>
      <dd className="note">{note}</dd>
    </div>
  );
}
