// The map of the fleet over HTTP, on the live state alone: its values and its bounds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyLive, EXPECTED_HS, NOW_US } from '../../sample/sample-farm.ts';
import { SampleGateway } from '../../sample/sample-gateway.ts';
import { MAX_MACHINES } from './fleet-map.ts';

const HOUR_US = 3600e6;
const MAP = `query ($filter: WorkerFilter, $rack: String) {
  fleetMap(filter: $filter, rack: $rack) {
    workers rackCount
    racks { tenant site rack workers online silent offline value(of: CONTRIBUTION) machines statuses values(of: CONTRIBUTION) }
  }
}`;

let pool: SampleGateway;

beforeAll(async () => {
  pool = await SampleGateway.start();
  const connectedSinceUs = NOW_US - 2 * HOUR_US;
  await applyLive(pool.live, [
    {
      worker: 'acme.oslo.r1.busy',
      connectedSinceUs,
      lastShareAtUs: NOW_US - 5e6,
      work: 400 * 1024,
      expectedHs: EXPECTED_HS,
    },
    { worker: 'acme.oslo.r1.quiet', connectedSinceUs, lastShareAtUs: NOW_US - HOUR_US, expectedHs: EXPECTED_HS },
    {
      worker: 'acme.rome.r1.gone',
      connectedSinceUs,
      disconnectedAtUs: NOW_US - HOUR_US,
      lastShareAtUs: NOW_US - 1.5 * HOUR_US,
    },
  ]);
});

afterAll(() => pool.stop());

describe('fleetMap', () => {
  it('gives racks with a letter and a value of each machine', async () => {
    const { data } = await pool.ask(MAP);
    const [oslo, rome] = data.fleetMap.racks;
    expect(data.fleetMap).toMatchObject({ workers: 3, rackCount: 2 });
    expect(oslo).toMatchObject({
      tenant: 'acme',
      site: 'oslo',
      rack: 'r1',
      workers: 2,
      online: 1,
      silent: 1,
      offline: 0,
    });
    expect(oslo).toMatchObject({ machines: ['busy', 'quiet'], statuses: 'OS' });
    expect(rome).toMatchObject({ machines: ['gone'], statuses: 'X', values: [null], value: null });
    const [busy, quiet] = oslo.values;
    expect(busy).toBeGreaterThan(0);
    expect(oslo.value).toBeCloseTo((busy + quiet) / 2, 2);
    const { data: worker } = await pool.ask(
      '{ worker(name: "acme.oslo.r1.busy") { contribution(window: H1) { fraction } } }',
    );
    expect(busy).toBeCloseTo(worker.worker.contribution.fraction, 3);
  });

  it('goes down to a site and to a rack', async () => {
    const { data: site } = await pool.ask(MAP, { filter: { tenant: 'acme', site: 'rome' } });
    expect(site.fleetMap).toMatchObject({ workers: 1, rackCount: 1 });
    const { data: rack } = await pool.ask(MAP, { filter: { site: 'oslo' }, rack: 'r1' });
    expect(rack.fleetMap).toMatchObject({ workers: 2, rackCount: 1 });
    const { data: none } = await pool.ask(MAP, { rack: 'r2' });
    expect(none.fleetMap).toEqual({ workers: 0, rackCount: 0, racks: [] });
  });

  it('lists machines up to its bound, and beyond it gives the counts of racks', async () => {
    await applyLive(
      pool.live,
      Array.from({ length: MAX_MACHINES }, (_, i) => ({
        worker: `big.hall.r${i % 300}.m${i}`,
        connectedSinceUs: NOW_US - 2 * HOUR_US,
        lastShareAtUs: NOW_US - 5e6,
      })),
    );
    pool.clock.advance(1);
    const { data: listed } = await pool.ask(MAP, { filter: { tenant: 'big' } });
    expect(listed.fleetMap).toMatchObject({ workers: MAX_MACHINES, rackCount: 300 });
    expect(listed.fleetMap.racks[0].machines).toHaveLength(40);
    const { data: all } = await pool.ask(MAP);
    expect(all.fleetMap.workers).toBe(MAX_MACHINES + 3);
    for (const { machines, statuses, values, workers } of all.fleetMap.racks) {
      expect([machines, statuses, values]).toEqual([null, null, null]);
      expect(workers).toBeGreaterThan(0);
    }
  });
});
