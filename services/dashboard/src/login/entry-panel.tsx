// The box a form at the door stands in. Its heading takes the focus when it comes in place of another, so that a screen reader says what is
// asked now; a form with one field to begin with takes it to that field instead.
import { useEffect, useId, type ReactNode } from 'react';

interface EntryPanelProps {
  readonly title: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function EntryPanel({ title, wide = false, children }: EntryPanelProps): ReactNode {
  const id = useId();
  useEffect(() => {
    document.title = `${title} · Assay`;
  }, [title]);
  return (
    <section className={`panel entry-panel ${wide ? 'wide' : ''}`} aria-labelledby={id}>
      <h1 id={id}>{title}</h1>
      {children}
    </section>
  );
}
