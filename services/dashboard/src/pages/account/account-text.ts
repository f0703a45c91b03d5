// Roles, ways to log in and browsers, in words.
import type { Grant } from './account-documents.ts';

/** `OPERATOR_ADMIN` over everything is `operator admin, everywhere`. */
export function grantText({ role, tenant, site }: Grant): string {
  const name = role.toLowerCase().replaceAll('_', ' ');
  return `${name}, ${tenant === '*' ? 'everywhere' : (site ?? tenant)}`;
}

const METHODS: Record<string, string> = {
  password: 'password',
  oidc: 'login provider',
  invitation: 'one-time link',
  totp: 'authenticator app',
  recovery: 'recovery code',
  mfa: 'the provider’s second factor',
};

/** @param method such as `password+totp` */
export function methodText(method: string): string {
  return method
    .split('+')
    .map((part) => METHODS[part] ?? part)
    .join(' and ');
}

/** The first that fits counts: nearly every browser also names those it wants to be taken for. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone|\biPad/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** `Firefox on Windows`, as far as it says; else its own words, cut to what a row can hold. */
export function deviceText(userAgent: string): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser === undefined) return userAgent === '' ? 'Unknown program' : userAgent.slice(0, 40);
  return system === undefined ? browser : `${browser} on ${system}`;
}
