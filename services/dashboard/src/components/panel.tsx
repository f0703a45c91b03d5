// A titled box. The heading labels the region for screen readers.
import { useId, type ReactNode } from 'react';

interface PanelProps {
  readonly title: ReactNode;
  readonly end?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Panel({ title, end, className = '', children }: PanelProps): ReactNode {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {end !== undefined && <div className="end">{end}</div>}
      </header>
      {children}
    </section>
  );
}
