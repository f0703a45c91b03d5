import { expect, it } from 'vitest';
import { countFleet, DEFAULT_GROUPING, explain, type FleetMember } from './common-cause.ts';
import { aSite, workerSubject } from './testing/alert-fixtures.ts';

const causesOf = (due: readonly FleetMember[], fleet: readonly FleetMember[], all = due) => {
  const { groups, alone } = explain(due, all, countFleet(fleet), DEFAULT_GROUPING);
  return {
    groups: groups.map(({ cause, members, workers, of }) => [
      cause.dimension,
      cause.value,
      members.length,
      workers,
      of,
    ]),
    alone: alone.length,
  };
};

const north = aSite('north', 4, 10, { gateway: 'gw-0', upstream: 'pool-a', userAgent: 'bmminer/2.0' });
const south = aSite('south', 4, 10, { gateway: 'gw-1', upstream: 'pool-a', userAgent: 'bmminer/2.1' });

it('names the rack when nothing else of its site is in trouble', () => {
  const rack = north.filter(({ subject }) => subject.rack === 'r2');
  expect(causesOf(rack, [...north, ...south])).toEqual({ groups: [['rack', 'r2', 10, 10, 10]], alone: 0 });
});

it('names the site, not its gateway that serves the same workers', () => {
  expect(causesOf(north, [...north, ...south])).toEqual({ groups: [['site', 'north', 40, 40, 40]], alone: 0 });
});

it('names the upstream when both sites are in trouble, and a firmware over all racks', () => {
  const third = aSite('east', 4, 10, { gateway: 'gw-2', upstream: 'pool-b', userAgent: 'bmminer/2.0' });
  const fleet = [...north, ...south, ...third];
  expect(causesOf([...north, ...south], fleet).groups).toEqual([['upstream', 'pool-a', 80, 80, 80]]);
  const mixed = fleet.map((member, i) => ({
    ...member,
    traits: { ...member.traits, userAgent: i % 4 ? 'old' : 'new' },
  }));
  const updated = mixed.filter(({ traits }) => traits.userAgent === 'new');
  expect(causesOf(updated, mixed).groups).toEqual([['userAgent', 'new', 30, 30, 30]]);
});

it('takes a second cause for what the first does not explain, and leaves the rest alone', () => {
  const rack = south.filter(({ subject }) => subject.rack === 'r4');
  const odd = south.filter(({ subject }) => subject.rack === 'r1').slice(0, 2);
  expect(causesOf([...north, ...rack, ...odd], [...north, ...south, ...aSite('east', 10, 10)])).toEqual({
    groups: [
      ['site', 'north', 40, 40, 40],
      ['rack', 'r4', 10, 10, 10],
    ],
    alone: 2,
  });
});

it('groups neither a few workers nor a small share of a large place', () => {
  expect(causesOf(north.slice(0, 4), north)).toEqual({ groups: [], alone: 4 });
  const scattered = north.filter((_, i) => i % 4 === 0);
  expect(causesOf(scattered, [...north, ...south])).toEqual({ groups: [], alone: 10 });
});

it('counts those who were told of before, so that a late one joins', () => {
  expect(causesOf(north.slice(0, 1), north, north).groups).toEqual([['rack', 'r1', 1, 10, 10]]);
});

it('counts a worker once, however many alerts it has, and a place that is down as its own cause', () => {
  const site: FleetMember = { subject: { ...workerSubject('acme.north'), worker: '' }, traits: {} };
  expect(causesOf([...north, ...north, site], [...north, ...south]).groups).toEqual([['site', 'north', 81, 40, 40]]);
});
