import { describe, expect, it } from 'vitest';
import { cellKind, kindsBy, MAP_BY } from './cell-kinds.ts';
import { cellWords } from './cell-words.ts';
import type { FleetMapRack } from './fleet-documents.ts';
import { cellAt, cellBeside, layoutRacks, rackPath } from './map-cells.ts';

function rack(name: string, machines: number): FleetMapRack {
  return {
    tenant: 'acme',
    site: 'north',
    rack: name,
    workers: machines,
    online: machines,
    silent: 0,
    offline: 0,
    value: 1,
    machines: Array.from({ length: machines }, (_, i) => `m${i}`),
    statuses: 'O'.repeat(machines),
    values: Array.from({ length: machines }, () => 1),
  };
}

const RACKS = Array.from({ length: 250 }, (_, i) => rack(`r${i}`, 40));

describe('the map', () => {
  it('has a cell for each of 10,000 machines, none over another, all within a desk and a phone', () => {
    for (const width of [1340, 340]) {
      const { cells, height, size } = layoutRacks(RACKS, width, 'contribution');
      expect(cells).toHaveLength(10_000);
      expect(new Set(cells.map(({ x, y }) => `${x} ${y}`)).size).toBe(10_000);
      expect(size).toBeGreaterThanOrEqual(9);
      for (const { x, y } of cells) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + size).toBeLessThanOrEqual(width);
        expect(y + size).toBeLessThanOrEqual(height);
      }
    }
  });

  it('finds the cell under the pointer, and none between racks', () => {
    const layout = layoutRacks(RACKS, 1340, 'contribution');
    for (const i of [0, 39, 40, 5_000, 9_999]) {
      const { x, y, name } = layout.cells[i]!;
      expect(layout.cells[cellAt(layout, x + 4, y + 4)]!.name).toBe(name);
    }
    expect(cellAt(layout, 3, 3)).toBe(-1);
    expect(layout.cells[40]).toMatchObject({ name: 'acme.north.r1.m0', to: '/workers/acme.north.r1.m0' });
  });

  it('walks by the arrow keys, and stays at the edges', () => {
    const layout = layoutRacks(RACKS, 1340, 'contribution');
    expect(cellBeside(layout, -1, 1, 0)).toBe(0);
    expect(cellBeside(layout, 0, 1, 0)).toBe(1);
    expect(cellBeside(layout, 0, -1, 0)).toBe(0);
    expect(cellBeside(layout, 0, 0, 1)).toBe(10);
    expect(cellBeside(layout, 10, 0, -1)).toBe(0);
    expect(cellBeside(layout, 0, 0, -1)).toBe(0);
    expect(cellBeside(layout, 9_999, 0, 1)).toBe(9_999);
  });

  it('has a cell for each rack where machines are not listed, which leads to the rack', () => {
    const racks = RACKS.map((each) => ({ ...each, machines: null, statuses: null, values: null }));
    const { cells } = layoutRacks(racks, 1340, 'invalid');
    expect(cells).toHaveLength(250);
    expect(cells[3]!.to).toBe('/fleet?tenant=acme&site=north&rack=r3&by=invalid');
    expect(cellWords(cells[3]!, 'contribution')).toBe('40 of 40 online, 100\u00a0% of expectation');
    expect(rackPath({ tenant: 'acme', site: '', rack: '' }, 'contribution')).toBe('/fleet?tenant=acme');
  });
});

describe('kinds of cells', () => {
  it('name each value by the step it lies in, and machines that are away by their status', () => {
    expect(cellKind('contribution', 'ONLINE', 1).words).toBe('95 to 105 %');
    expect(cellKind('contribution', 'ONLINE', 0.95).words).toBe('95 to 105 %');
    expect(cellKind('contribution', 'ONLINE', 0.949).words).toBe('80 to 95 %');
    expect(cellKind('contribution', 'ONLINE', 0).words).toBe('below 50 %');
    expect(cellKind('invalid', 'ONLINE', 0.05).words).toBe('5 % or more');
    expect(cellKind('invalid', 'ONLINE', null).words).toBe('not known');
    expect(cellKind('contribution', 'OFFLINE', 1).words).toBe('offline');
    expect(cellKind('status', 'SILENT', null).words).toBe('silent');
  });

  it('are told apart without colour where a machine is away, and each has its own look', () => {
    for (const by of MAP_BY) {
      const kinds = kindsBy(by);
      expect(new Set(kinds.map(({ colour, mark }) => `${colour} ${mark}`)).size).toBe(kinds.length);
      expect(kinds.filter(({ words }) => words === 'offline' || words === 'silent').map(({ mark }) => mark)).toEqual([
        'dot',
        'cross',
      ]);
    }
  });
});
