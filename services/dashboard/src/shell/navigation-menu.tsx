// A list of pages behind a button: closed by Escape, by a click elsewhere, when the focus leaves it and with the way to a page.
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { Link } from '../router/link.tsx';
import type { Route } from '../router/routes.ts';
import type { NavigationEntry } from './navigation.ts';

interface NavigationMenuProps {
  readonly label: string;
  readonly icon: () => ReactNode;
  readonly entries: readonly NavigationEntry[];
  readonly page: Route['page'];
}

export function NavigationMenu({ label, icon: Icon, entries, page }: NavigationMenuProps): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const closeOutside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const closeByKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('focusin', closeOutside);
    document.addEventListener('keydown', closeByKey);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('focusin', closeOutside);
      document.removeEventListener('keydown', closeByKey);
    };
  }, [open]);
  if (entries.length === 0) return null;
  const isCurrent = entries.some(({ pages }) => pages.includes(page));
  return (
    <div className="nav-menu" ref={root}>
      <button
        type="button"
        ref={button}
        aria-expanded={open}
        aria-controls={id}
        className={isCurrent ? 'current' : ''}
        onClick={() => setOpen(!open)}
      >
        <Icon />
        {label}
      </button>
      <div id={id} className="nav-menu-list" hidden={!open}>
        {entries.map(({ to, label: name, icon: EntryIcon, pages }) => (
          <Link
            key={to}
            to={to}
            aria-current={pages.includes(page) ? 'page' : undefined}
            onClick={() => setOpen(false)}
          >
            <EntryIcon />
            {name}
          </Link>
        ))}
      </div>
    </div>
  );
}
