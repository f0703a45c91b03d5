// The colour theme: the system's unless the operator chose one, remembered in this browser. `public/stored-theme.js` applies it before the first paint.
import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'assay.theme';
const listeners = new Set<() => void>();
const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');

function announce(): void {
  for (const listener of listeners) listener();
}

darkSystem.addEventListener('change', announce);

function currentChoice(): ThemeChoice {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

/** What is on the screen now. */
function effectiveTheme(): 'light' | 'dark' {
  const choice = currentChoice();
  return choice === 'system' ? (darkSystem.matches ? 'dark' : 'light') : choice;
}

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
  try {
    if (choice === 'system') localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, choice);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  announce();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, currentChoice);
}

/** Charts are drawn on a canvas, so they need to know when the colours behind the custom properties change. */
export function useEffectiveTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, effectiveTheme);
}

/** The colour a custom property stands for right now, as `rgb(...)`: a canvas cannot resolve `light-dark()` itself. */
export function resolveColour(property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
