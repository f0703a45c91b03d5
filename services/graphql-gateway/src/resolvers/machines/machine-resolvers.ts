// How machines came and went, when what is expected of them changed, and what their work costs in power.
import type { ControlLog } from '@assay/control-log';
import { MICROS_PER_DAY, type Clock } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import { shownEvent } from '../../access/visible-events.ts';
import { actorValue } from '../../access/visible-entries.ts';
import { isGiven, pageSize, wholeBetween } from '../../argument-bounds.ts';
import { efficiencyOfAll, type PoweredWorker } from '../../machines/efficiency.ts';
import { wholeConnections, type WholeConnection } from '../../machines/connections.ts';
import type { MachineRecord, OnRecord } from '../../machines/machine-record.ts';
import type { OperationContext } from '../../operation/context.ts';
import { connectsByDay, endingsOf, openingsOf } from '../../queries/connections.ts';
import { decodeCursor, encodeCursor } from '../../workers/cursor.ts';
import { liveWindow, type SchemaWindow } from '../enums.ts';
import type { FleetTotalsSource } from '../fleet-totals.ts';
import type { PageArguments } from '../object-list.ts';
import type { WorkerSource } from '../worker.ts';
import { efficiencyValue } from './machine-series.ts';

const ORDER = 'connections by age';
const DEFAULT_CONNECTIONS = 20;
const MAX_CHANGES = 100;
const DEFAULT_CHANGES = 20;
const MAX_DAYS = 92;
const DEFAULT_DAYS = 30;

export interface MachineResolverPorts {
  readonly control: Pick<ControlLog, 'state'>;
  readonly clock: Clock;
}

export function machineResolvers(record: MachineRecord, { control, clock }: MachineResolverPorts) {
  return {
    Worker: {
      ratedPowerWatts: ({ facts, moment }: WorkerSource) => record.powerOf(facts, moment),

      efficiency: ({ facts, moment }: WorkerSource, { window }: { window: SchemaWindow | null }) =>
        efficiencyValue(record.efficiencyOf(facts, moment, liveWindow(window, 'H1'))),

      expectedJoulesPerHash: ({ facts, moment }: WorkerSource) => {
        const watts = record.powerOf(facts, moment);
        const { expectedHashRateHs } = facts;
        return watts === undefined || expectedHashRateHs === undefined ? undefined : watts / expectedHashRateHs;
      },

      expectationChanges: async (
        { facts, moment }: WorkerSource,
        { first }: { first: number | null },
        { viewer }: OperationContext,
      ) => {
        const most = wholeBetween('first', first, 1, MAX_CHANGES, DEFAULT_CHANGES);
        const changes = await record.changesOf(facts, moment, most);
        return changes?.map(({ id, atUs, by, before, after }) => ({
          id,
          at: atUs,
          by: by && actorValue(viewer, by, control.state),
          before: recordValue(before),
          after: recordValue(after),
        }));
      },

      connections: async ({ facts, moment }: WorkerSource, { first, after }: PageArguments) => {
        const size = pageSize(first, DEFAULT_CONNECTIONS);
        const cursor = isGiven(after) ? decodeCursor(after, ORDER) : undefined;
        const from = cursor && { atUs: cursor.value ?? 0, id: cursor.key };
        const found = await moment.perWorker(
          `connections ${size} ${after ?? ''}`,
          facts,
          async (names, workers, signal) => {
            // One more than asked for tells whether there is a next page.
            const openings = await openingsOf(moment.store, names, from, size + 1, clock.nowUs(), signal);
            const { endings, starts } = await endingsOf(moment.store, names, openings, signal);
            const whole = wholeConnections(openings, endings, starts);
            return workers.map(({ worker }) => whole.filter((each) => each.worker === worker));
          },
        );
        const shown = found.slice(0, size);
        const last = shown.at(-1);
        return {
          nodes: shown.map((connection) => connectionValue(connection, { facts, moment })),
          pageInfo: {
            hasNextPage: found.length > size,
            endCursor: last ? encodeCursor({ order: ORDER, value: last.atUs, key: last.id }) : null,
          },
        };
      },

      connectsByDay: ({ facts, moment }: WorkerSource, { days }: { days: number | null }) => {
        const count = wholeBetween('days', days, 1, MAX_DAYS, DEFAULT_DAYS);
        const sinceUs = (Math.floor(clock.nowUs() / MICROS_PER_DAY) - count + 1) * MICROS_PER_DAY;
        return moment.perWorker(`connects by day ${count}`, facts, async (names, workers, signal) => {
          const found = await connectsByDay(moment.store, names, sinceUs, count, signal);
          return workers.map(({ worker }) => found.get(worker) ?? []);
        });
      },
    },

    FleetTotals: {
      efficiency: (
        { racks, moment }: FleetTotalsSource,
        { window, algorithm }: { window: SchemaWindow | null; algorithm: Algorithm | null },
      ) => {
        const asked = algorithm ?? 'sha256d';
        const name = liveWindow(window, 'M15');
        const powered: PoweredWorker[] = [];
        let connected = 0;
        // In one go: of 100,000 machines it is asked by whoever has the overview open.
        for (const { workers } of racks)
          for (const facts of workers) {
            if (facts.algorithm !== asked || facts.status === 'OFFLINE') continue;
            connected++;
            const powerWatts = record.powerOf(facts, moment);
            const rate = powerWatts === undefined ? undefined : facts.rates?.[name];
            if (powerWatts !== undefined && rate !== undefined)
              powered.push({ powerWatts, rate, expectedHashRateHs: facts.expectedHashRateHs });
          }
        const efficiency = efficiencyValue(efficiencyOfAll(powered));
        return efficiency && { ...efficiency, workers: powered.length, ofWorkers: connected };
      },
    },
  };
}

function recordValue({ hashRateHs, powerWatts, model }: OnRecord): object {
  return { expectedHashRate: hashRateHs, ratedPowerWatts: powerWatts, model };
}

function connectionValue(connection: WholeConnection, { facts, moment }: WorkerSource): object {
  const { id, gateway, atUs, userAgent, difficulty, endedAtUs, endReason } = connection;
  const { connectedSinceUs } = facts;
  return {
    id,
    gateway,
    remoteAddress: shownEvent(connection, moment.visibility).remoteAddress || undefined,
    userAgent,
    difficulty,
    connectedAt: atUs,
    endedAt: endedAtUs,
    endReason,
    isOpen: endedAtUs === undefined && connectedSinceUs !== undefined && atUs >= connectedSinceUs,
  };
}
