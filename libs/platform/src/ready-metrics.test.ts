import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registerReadyMetrics } from './ready-metrics.ts';
import { readyReport, type ReadyReport } from './running-service.ts';

describe('ready metrics', () => {
  it('show each check, and that a report could not be had', async () => {
    const registry = new Registry();
    let answer: () => Promise<ReadyReport> = async () => readyReport({ log: 'ok', live: 'is being rebuilt' });
    registerReadyMetrics(registry, () => answer());
    let page = await registry.metrics();
    expect(page).toContain('\nassay_ready 0\n');
    expect(page).toContain('assay_check_ok{check="log"} 1');
    expect(page).toContain('assay_check_ok{check="live"} 0');
    answer = async () => readyReport({ log: 'ok' });
    page = await registry.metrics();
    expect(page).toContain('\nassay_ready 1\n');
    expect(page).not.toContain('check="live"');
    answer = () => Promise.reject(new Error('no answer'));
    page = await registry.metrics();
    expect(page).toContain('\nassay_ready 0\n');
    expect(page).not.toContain('assay_check_ok{');
  });
});
