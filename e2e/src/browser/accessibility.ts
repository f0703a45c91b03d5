/// <reference lib="dom" />
import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface AxeWindow {
  axe: {
    run(options: object): Promise<{
      violations: { id: string; impact: string | null; nodes: { target: unknown; failureSummary?: string }[] }[];
    }>;
  };
}

/** What axe-core finds serious or critical on the page as it is. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Through the debugger, as the page's own policy rightly forbids foreign scripts.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as AxeWindow).axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map((node) => `${JSON.stringify(node.target)} ${node.failureSummary ?? ''}`)
            .join('; ')}`,
      );
  });
}
