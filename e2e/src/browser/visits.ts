/// <reference lib="dom" />
// Visits of people to a dashboard, each in a browser profile of its own: what goes wrong on their pages is kept until the visits end.
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
/** What a page is looked at in. */
export const LOOKS = [
  ['desk', DESK, 'light'],
  ['desk', DESK, 'dark'],
  ['phone', PHONE, 'light'],
  ['phone', PHONE, 'dark'],
] as const;

export class Visits {
  readonly #browser: Browser;
  readonly #isExpected: RegExp;
  #contexts: BrowserContext[] = [];
  #faults: string[] = [];

  /** @param isExpected what a browser may log as an error: refusals on purpose, and the store that is not there */
  constructor(browser: Browser, isExpected: RegExp) {
    this.#browser = browser;
    this.#isExpected = isExpected;
  }

  async open(url: string, viewport = DESK, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await this.#browser.newContext({ viewport, colorScheme });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => this.#faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !this.#isExpected.test(message.text())) this.#faults.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** Ends all of them. @returns what went wrong on their pages */
  async end(): Promise<readonly string[]> {
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#contexts = [];
    const seen = this.#faults;
    this.#faults = [];
    return seen;
  }
}

/** Keeps what the page looks like, and expects that everybody can use it and that nothing reaches beyond its side. */
export async function expectSound(page: Page, shots: string, name: string, fullPage: boolean): Promise<void> {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  if (page.viewportSize()!.width <= PHONE.width) expect(await page.evaluate(widerThanTheirPlace)).toEqual([]);
}

/** Tables that would have to be scrolled sideways, by what they are called. Runs in the page. */
function widerThanTheirPlace(): string[] {
  return [...document.querySelectorAll('table')].flatMap((table) => {
    const { scrollWidth = 0, clientWidth = 0 } = table.parentElement ?? {};
    return scrollWidth > clientWidth ? [`${table.getAttribute('aria-label')}: ${scrollWidth} of ${clientWidth}`] : [];
  });
}
