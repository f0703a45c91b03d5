// Search as one types. The address follows a moment behind the keys; `/` comes here from anywhere on the page.
import { useEffect, useRef, useState, type ReactNode } from 'react';

const AFTER_KEYS_MS = 200;

interface SearchBoxProps {
  /** What is searched, as in: Search workers. */
  readonly noun?: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

export function SearchBox({ noun = 'workers', value, onSearch }: SearchBoxProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const latest = useRef({ onSearch, sent: value });
  latest.current.onSearch = onSearch;

  useEffect(() => {
    // The address changed by itself (back, a link): the box follows, unless it only echoes what was typed.
    if (value !== latest.current.sent) {
      latest.current.sent = value;
      setText(value);
    }
  }, [value]);

  useEffect(() => {
    const trimmed = text.trim();
    if (trimmed === latest.current.sent) return;
    const timer = setTimeout(() => {
      latest.current.sent = trimmed;
      latest.current.onSearch(trimmed);
    }, AFTER_KEYS_MS);
    return () => clearTimeout(timer);
  }, [text]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing =
        event.target instanceof HTMLElement &&
        (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName));
      if (event.key !== '/' || typing || event.metaKey || event.ctrlKey || event.altKey) return;
      // Of several on a page the first one is it.
      if (document.querySelector('.search input') !== input.current) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className="search">
      <svg
        width="15"
        height="15"
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <circle cx="8.5" cy="8.5" r="5.5" />
        <path d="m13 13 4.5 4.5" />
      </svg>
      <input
        ref={input}
        type="search"
        className="input"
        placeholder={`Search ${noun}`}
        aria-label={`Search ${noun}`}
        aria-keyshortcuts="/"
        autoComplete="off"
        spellCheck={false}
        maxLength={127}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText('');
          if (event.key === 'ArrowDown' || event.key === 'Enter') {
            event.preventDefault();
            document.querySelector<HTMLElement>('[role="grid"]')?.focus();
          }
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}
