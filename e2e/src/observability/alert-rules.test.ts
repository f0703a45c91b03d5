// Alert rules name only what there is, say what they mean, and lead to a page that helps. That they parse and fire when they should is
// for promtool (promtool.cluster.test.ts).
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allRules, KnownMetrics, ROOT, ruleFiles } from './known-metrics.ts';

const rules = allRules();
const alerts = rules.filter(({ alert }) => alert !== undefined);
const known = new KnownMetrics();

/** The anchor that Markdown gives a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');

describe('alert rules', () => {
  it('are there', () => {
    expect(ruleFiles().length).toBeGreaterThanOrEqual(4);
    expect(alerts.length).toBeGreaterThanOrEqual(25);
    const names = alerts.map(({ alert }) => alert);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(rules.map((rule) => [rule.alert ?? rule.record!, rule] as const))(
    '%s names metrics and labels that exist',
    (_, { expr }) => {
      expect(known.unknownIn(expr)).toEqual([]);
      expect(known.namesSome(expr)).toBe(true);
    },
  );

  it.each(alerts.map((rule) => [rule.alert!, rule] as const))(
    '%s says how bad it is, what it means and what to do',
    (_, rule) => {
      expect(['critical', 'warning']).toContain(rule.labels?.['severity']);
      const { summary, description, runbook_url: runbook } = rule.annotations!;
      expect(summary).toMatch(/\.$/);
      expect(description).toMatch(/^\S.{40,}\.$/);
      const [, page, heading] = /^(docs\/runbooks\/[\w-]+\.md)(?:#(.+))?$/.exec(runbook!)!;
      expect(existsSync(ROOT + page)).toBe(true);
      const headings = [...readFileSync(ROOT + page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text]) => anchor(text!));
      if (heading !== undefined) expect(headings).toContain(heading);
    },
  );

  it('does not take what is not there for known', () => {
    expect(known.unknownIn('rate(assay_validator_shares_totl{verdict="x"}[5m])')).toEqual([
      'assay_validator_shares_totl',
      'assay_validator_shares_totl{verdict}',
    ]);
    expect(known.unknownIn('sum by (le) (assay_aggregator_insert_seconds_bucket{worker="x", le="1"}) / up')).toEqual([
      'assay_aggregator_insert_seconds_bucket{worker}',
    ]);
  });
});
