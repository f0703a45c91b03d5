// The alert rules for the Prometheus operator are those of infra/prometheus, in the form it takes. After a change of them:
// npx vitest run --config vitest.e2e.config.ts prometheus-rule -u
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { expect, it } from 'vitest';
import { RULES_DIR, ruleFiles } from './known-metrics.ts';

const HEAD = '# Generated from infra/prometheus/rules, see e2e/src/observability/prometheus-rule.test.ts.\n';

it('the rules for the Prometheus operator are those of infra/prometheus', async () => {
  const groups = ruleFiles()
    .sort()
    .flatMap((file) => (parse(readFileSync(RULES_DIR + file, 'utf8')) as { groups: unknown[] }).groups);
  expect(groups.length).toBeGreaterThan(3);
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'assay', namespace: 'assay' },
    spec: { groups },
  };
  const text = HEAD + stringify(rule, { singleQuote: true, lineWidth: 0 });
  await expect(text).toMatchFileSnapshot('../../../k8s/components/monitoring/prometheus-rule.yaml');
});
