// The attackers, in a process of their own that yields to every other: they have the processor time nobody else wants, as attackers on
// other machines would not take any of the pool's.
import { spawnSync } from 'node:child_process';
import { setPriority } from 'node:os';
import { Random } from '@assay/kernel';
import type { Answer } from '@assay/sim';
import { serveParent } from '../bench/serve-parent.ts';
import { attacksOn, type AttackName } from './hostile-attacks.ts';
import { HostileAddresses } from './hostile-addresses.ts';
import { Cheat } from './hostile-cheat.ts';
import { recordClientHello } from './hostile-tls.ts';

export interface AttackReport {
  readonly strikes: Readonly<Record<AttackName, number>>;
  /** Tried from one address, on average. */
  readonly connectionsPerSecond: number;
  /** Shares of the attackers that the pool acknowledged. */
  readonly accepted: readonly Answer[];
}

const LOWEST = 19;
const TICK_MS = 10;
const CHEATS = ['hostile.cave.duplicator', 'hostile.cave.rubbish', 'hostile.cave.flooder'];
const CHEATS_NETWORK = 8;
const CHEATS_ADDRESSES = 10_000;
const GUESSERS_NETWORK = 9;
const GUESSERS = 10;
const ANSWERS_MS = 1_000;

/**
 * Linux's idle policy: whoever else wants the processor has it at once. That holds within a scheduling group only, and Linux may make a group of each
 * session, so the attackers stay in the pool's. In a session of their own the pool's threads were found to wait for them up to a tick of 4 ms at
 * every step of an append, two fifths of their longer waits and more than for anybody else, whatever priority the session had.
 */
function yieldToEverybody(): void {
  const { status } = spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(process.pid)]);
  if (status !== 0) setPriority(LOWEST);
}

yieldToEverybody();

let cease: (() => Promise<AttackReport>) | undefined;

/** They go on where they stopped: addresses of the attack before are banned. */
const cheatsAddresses = new HostileAddresses(CHEATS_NETWORK, CHEATS_ADDRESSES);
let attacksBefore = 0;

interface Orders {
  readonly port: number;
  readonly tlsPort: number;
  readonly seed: number;
}

async function attack({ port, tlsPort, seed }: Orders): Promise<void> {
  const clientHello = await recordClientHello();
  const cheats = CHEATS.map((name) => new Cheat(name, port, cheatsAddresses));
  await Promise.all(cheats.map((cheat) => cheat.come()));
  let floodConnections = 0;
  const { attacks, end } = attacksOn({
    port,
    tlsPort,
    clientHello,
    random: new Random(seed),
    onFloodConnection: () => floodConnections++,
    cheats,
    guessers: new HostileAddresses(GUESSERS_NETWORK, GUESSERS, GUESSERS * attacksBefore++),
  });
  const kinds = Object.entries(attacks) as [AttackName, (typeof attacks)[AttackName]][];
  const strikes = Object.fromEntries(kinds.map(([name]) => [name, 0])) as Record<AttackName, number>;
  const began = performance.now();
  let ticked = began;
  const ticking = setInterval(() => {
    const now = performance.now();
    for (const [name, { perSecond, strike }] of kinds) {
      const due = Math.floor(((now - began) / 1000) * perSecond) - Math.floor(((ticked - began) / 1000) * perSecond);
      for (let i = 0; i < due; i++) strike();
      strikes[name] += due;
    }
    ticked = now;
  }, TICK_MS);
  cease = async () => {
    clearInterval(ticking);
    const seconds = (performance.now() - began) / 1000;
    end();
    // Answers to what was sent last are still on their way.
    await new Promise((resolve) => setTimeout(resolve, ANSWERS_MS));
    for (const cheat of cheats) cheat.close();
    strikes['connection flood'] = floodConnections;
    return {
      strikes,
      connectionsPerSecond: floodConnections / seconds,
      accepted: cheats.flatMap((cheat) => cheat.accepted),
    };
  };
}

serveParent({ attack, cease: () => cease?.() }, () => undefined);
