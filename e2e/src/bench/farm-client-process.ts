// The machines of a large farm in a process of their own: they connect, watch jobs arrive, mine, and come back after a restart of the pool.
// All times are of the machine's monotonic clock, which every process on it reads alike.
import { assert } from '@assay/kernel';
import { createProver } from '@assay/pow';
import { NonceSearch } from '@assay/sim';
import { FarmMachine, type FarmListener } from './farm-machine.ts';
import { RawConnection } from './raw-connection.ts';
import { serveParent } from './serve-parent.ts';

export interface OpenFarm {
  readonly port: number;
  readonly machines: number;
  /** Machine i has the difficulty at i modulo their number. */
  readonly difficulties: readonly number[];
}

export interface Arrival {
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** What the last machine got; empty for a farm, whose machines take it apart. */
  readonly bytes: Uint8Array;
}

export interface Recovery {
  /** When the first machine was let in and the last had work. */
  readonly firstWorkNs: bigint;
  readonly lastWorkNs: bigint;
  /** Connections that were refused or broken, besides those lost at once. */
  readonly lost: number;
}

export interface Mined {
  readonly accepted: number;
  readonly rejected: number;
}

const OPENING = 200;
const TICK_MS = 50;
const LINE_FEED = 10;

let machines: FarmMachine[] = [];
let bare: RawConnection[] = [];
let lost = 0;
const tally = { accepted: 0, rejected: 0 };

/** Told by every machine; waits stand here while somebody waits for all of them. */
let onWorking: () => void = () => undefined;
let onJob: () => void = () => undefined;
const listener: FarmListener = {
  working: () => onWorking(),
  job: () => onJob(),
  answered: (accepted) => void tally[accepted ? 'accepted' : 'rejected']++,
  lost: () => void lost++,
};

const working = (): number => machines.reduce((sum, machine) => sum + (machine.working ? 1 : 0), 0);

/** Resolves when every machine has work, with the times of the first and the last since it was asked. */
function allWorking(): Promise<{ firstNs: bigint; lastNs: bigint }> {
  let firstNs = 0n;
  return new Promise((resolve) => {
    let missing = machines.length - working();
    const settle = (): void => {
      const now = process.hrtime.bigint();
      if (firstNs === 0n) firstNs = now;
      if (missing > 0) return;
      // Some may have been thrown out again meanwhile.
      missing = machines.length - working();
      if (missing === 0) resolve({ firstNs, lastNs: now });
    };
    onWorking = () => {
      missing--;
      settle();
    };
    if (missing === 0) settle();
  });
}

async function open({ port, machines: count, difficulties }: OpenFarm): Promise<void> {
  machines = Array.from(
    { length: count },
    (_, index) => new FarmMachine({ index, difficulty: difficulties[index % difficulties.length]!, farm: listener }),
  );
  const ready = allWorking();
  for (let from = 0; from < count; from += OPENING)
    await Promise.all(machines.slice(from, from + OPENING).map((machine) => machine.connect(port)));
  await ready;
  lost = 0;
}

/** The next job at every machine. */
function nextJob(): Promise<Arrival> {
  let firstNs = 0n;
  let missing = machines.length;
  for (const machine of machines) machine.lazy = true;
  return new Promise((resolve) => {
    onJob = () => {
      if (firstNs === 0n) firstNs = process.hrtime.bigint();
      if (--missing === 0) resolve({ firstNs, lastNs: process.hrtime.bigint(), bytes: new Uint8Array(0) });
    };
  });
}

/** The next line at every bare connection. */
function nextLine(): Promise<Arrival> {
  let firstNs = 0n;
  let missing = bare.length;
  return new Promise((resolve, reject) => {
    for (const connection of bare) {
      connection.onLost = reject;
      connection.onBytes = (bytes) => {
        if (firstNs === 0n) firstNs = process.hrtime.bigint();
        if (bytes[bytes.length - 1] !== LINE_FEED) return;
        if (--missing === 0) resolve({ firstNs, lastNs: process.hrtime.bigint(), bytes: bytes.slice() });
      };
    }
  });
}

/** Every machine at its own rate, shares as a Poisson process has them, each one really found. */
async function mine({ seconds, sharesPerMinute }: { seconds: number; sharesPerMinute: number }): Promise<Mined> {
  for (const machine of machines) machine.lazy = false;
  const search = new NonceSearch(createProver('sha256d'));
  const before = { ...tally };
  const began = performance.now();
  let doneMs = 0;
  while (performance.now() - began < seconds * 1000) {
    const elapsedMs = performance.now() - began;
    // A tick that came late stands for as much time as passed.
    const dt = (elapsedMs - doneMs) / 1000;
    doneMs = elapsedMs;
    for (const machine of machines) {
      if (!machine.working) continue;
      const pace = machine.hashRateHs(sharesPerMinute) / (machine.difficulty * 2 ** 32);
      if (Math.random() < pace * dt) machine.mine(search);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  while (machines.some(({ unanswered }) => unanswered > 0))
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  return { accepted: tally.accepted - before.accepted, rejected: tally.rejected - before.rejected };
}

serveParent(
  {
    open,
    openBare: async ({ port, machines: count }: OpenFarm) => {
      bare = await RawConnection.openMany(count, port, (connection) => connection);
    },
    recorded: () => machines.map(({ recorded }) => recorded),
    mine,
    // Armed when answered; the arrival itself is asked for next, so that a job cannot slip in between.
    watchJob: () => void (arrival = nextJob()),
    watchLine: () => void (arrival = nextLine()),
    arrived: () => arrival,
    watchRecovery: () => {
      assert(working() === machines.length, 'not every machine has work to lose');
      lost = 0;
      for (const machine of machines) machine.difficulty = 0;
      recovery = losses().then(async () => {
        const { firstNs, lastNs } = await allWorking();
        return { firstWorkNs: firstNs, lastWorkNs: lastNs, lost: lost - machines.length } satisfies Recovery;
      });
    },
    recovered: () => recovery,
  },
  () => {
    for (const machine of machines) machine.close();
    for (const connection of bare) connection.close();
  },
);

let arrival: Promise<Arrival> | undefined;
let recovery: Promise<Recovery> | undefined;

/** Resolves once the first machine has lost its connection. */
async function losses(): Promise<void> {
  while (lost === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
