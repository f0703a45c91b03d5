// The farm a newcomer sees: three tenants, two sites each, racks of machines of different models, some of them ailing.
import { Random } from '@assay/kernel';
import { MACHINE_MODELS, SCALE, type Ailment, type MachineSpec } from './machine-model.ts';

const TENANTS: Readonly<Record<string, readonly string[]>> = {
  northwind: ['fjord', 'tundra'],
  solaris: ['mesa', 'dune'],
  hydra: ['dam', 'delta'],
};

/** Ailments by machine number; every other machine is healthy. */
const AILING: Readonly<Record<number, Ailment>> = {
  5: { type: 'slow', fraction: 0.85 },
  11: { type: 'stale-prone', switchSeconds: 12 },
  17: { type: 'flapping', upSeconds: 90, downSeconds: 25 },
  23: { type: 'bad-board', badSubmitsPerMinute: 3 },
  31: { type: 'dead', afterSeconds: 40 },
  38: { type: 'slow', fraction: 0.85 },
  44: { type: 'stale-prone', switchSeconds: 20 },
  52: { type: 'bad-board', badSubmitsPerMinute: 5 },
  59: { type: 'flapping', upSeconds: 60, downSeconds: 40 },
  64: { type: 'dead', afterSeconds: 75 },
};

/** The least a worker may ask for by default: about 15 shares a minute from a scaled 100 TH/s machine. */
const START_DIFFICULTY = 0.00001;
const MACHINES_PER_SITE = 12;
const MACHINES_PER_RACK = 6;

/** 72 machines, the same for the same seed. */
export function demoFarm(seed: number): MachineSpec[] {
  const random = new Random(seed);
  const machines: MachineSpec[] = [];
  for (const [tenant, sites] of Object.entries(TENANTS)) {
    for (const site of sites) {
      for (let number = 0; number < MACHINES_PER_SITE; number++) {
        const model = random.pick(MACHINE_MODELS);
        const rack = `r${Math.floor(number / MACHINES_PER_RACK) + 1}`;
        const hashRateHs = model.ratedHashRateHs * SCALE;
        machines.push({
          algorithm: 'sha256d',
          username: `${tenant}.${site}.${rack}.${model.name}-${String((number % MACHINES_PER_RACK) + 1).padStart(2, '0')}`,
          password: `x,d=${START_DIFFICULTY},rate=${hashRateHs},interval=5m`,
          userAgent: model.userAgent,
          versionMask: model.versionMask,
          hashRateHs,
          ailment: AILING[machines.length] ?? { type: 'healthy' },
        });
      }
    }
  }
  return machines;
}
