// System, light, dark, in turn.
import type { ReactNode } from 'react';
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../theme/theme.ts';
import { MoonIcon, SunIcon, SystemIcon } from './icons.tsx';

const NEXT: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };

export function ThemeToggle(): ReactNode {
  const choice = useThemeChoice();
  const label = `Theme: ${choice}. Switch to ${NEXT[choice]}`;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={() => chooseTheme(NEXT[choice])}
    >
      {choice === 'light' ? <SunIcon /> : choice === 'dark' ? <MoonIcon /> : <SystemIcon />}
    </button>
  );
}
