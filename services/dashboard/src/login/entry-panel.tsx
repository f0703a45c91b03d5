// The box a form at the door stands in. Its heading takes the focus when it comes in place of another, so that a screen reader says what is
// asked now and the keyboard goes on from there; a form that begins with a field has taken it to that field already.
import { useEffect, useId, useRef, type ReactNode } from 'react';

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
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <section className={`panel entry-panel ${wide ? 'wide' : ''}`} aria-labelledby={id}>
      <h1 id={id} ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </section>
  );
}
