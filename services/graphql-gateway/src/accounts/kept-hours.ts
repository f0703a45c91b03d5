// Hours of machines that were read before, so that an account that is asked for again reads no more than what has changed: of a month of 40,000
// machines that is the day under way. Of a tenant that the viewer sees all of, they are the same for all who do; of what is held of others they are kept
// apart for each visibility. Invariant: a stretch is kept for as long as the shares in it add up to what they did when it was read: a minute cannot become
// active without one, however late it comes. Memory: 18 bytes for each machine and day, 12 for each of its hours with a gap, and its name; all of it is
// bounded, and the place that was not asked for longest goes first.
import type { Algorithm } from '@assay/mining';
import type { ActiveHour, MachineHours } from '@assay/settlement';
import { acceptedByStretch, addHours, hoursOfPlace, type HoursPart } from '../queries/machine-hours.ts';
import type { RowReader } from '../queries/store-reader.ts';
import { Slices } from '../slices.ts';

/** Machines of a place that are looked through for one account. */
const MAX_MACHINES = 120_000;
const MAX_KEPT_BYTES = 96 * 2 ** 20;
/** Of a name: the text, and its place among the others. */
const NAME_BYTES = 150;
/** Machines times stretches that one question reads: about a million hours, which take ClickHouse half a second. */
const STRETCHES_AT_ONCE = 40_000;
/** Of machines that are not there any more nobody knows how many they were. */
const FEWEST_EXPECTED = 1000;

/** One stretch of all machines of a place, as columns by the machine's number; those that came after it was read have none. */
interface Stretch {
  readonly fromMinute: number;
  /** Of all machines together. */
  readonly acceptedSum: number;
  readonly full: Uint32Array;
  readonly accepted: Float64Array;
  readonly minutes: Uint16Array;
  /** Where a machine's other hours begin among all of them; one more than there are machines. */
  readonly starts: Uint32Array;
  /** Three numbers each, as in HoursPart. */
  readonly partial: Uint32Array;
}

interface Place {
  readonly numbers: Map<string, number>;
  readonly names: string[];
  /** By where they begin and end. */
  readonly stretches: Map<string, Stretch>;
}

export interface HoursAsked {
  readonly store: RowReader;
  /** Of whom `store` reads for. */
  readonly visibilityKey: string;
  readonly place: string;
  /** Whether the place is a tenant that the viewer sees all of. */
  readonly isWholeTenant: boolean;
  readonly algorithm: Algorithm;
  /** Where stretches begin, ascending UNIX seconds at whole hours, and where the last one ends. */
  readonly cuts: readonly number[];
  /** That are known to be there now. */
  readonly machines: number;
}

export class KeptHours {
  /** The one not asked for longest first. */
  readonly #places = new Map<string, Place>();

  /** What is done with each machine of a place that had a share. False when it has too many of them. */
  async forEach(asked: HoursAsked, look: (worker: string, hours: MachineHours) => void): Promise<boolean> {
    const { visibilityKey, place: name, algorithm, isWholeTenant } = asked;
    // All who see the whole of a tenant see the same of it.
    const key = JSON.stringify([isWholeTenant ? '' : visibilityKey, name, algorithm]);
    const place = this.#places.get(key) ?? { numbers: new Map(), names: [], stretches: new Map() };
    this.#places.delete(key);
    this.#places.set(key, place);
    const stretches = await upToDate(place, asked);
    if (stretches === undefined) {
      this.#places.delete(key);
      return false;
    }
    this.#makeRoom();
    const slices = new Slices();
    for (const [number, worker] of place.names.entries()) {
      if (slices.isOver()) await slices.next();
      const machine = machineOf(number, stretches);
      if (machine.hours.length > 0) look(worker, machine);
    }
    return true;
  }

  #makeRoom(): void {
    let bytes = [...this.#places.values()].reduce((sum, place) => sum + bytesOf(place), 0);
    for (const [key, place] of this.#places) {
      if (bytes <= MAX_KEPT_BYTES) return;
      bytes -= bytesOf(place);
      this.#places.delete(key);
    }
  }
}

/** The stretches in order, those read that are new or have changed. Undefined where there are too many machines. */
async function upToDate(place: Place, asked: HoursAsked): Promise<readonly Stretch[] | undefined> {
  const { store, cuts, algorithm, isWholeTenant } = asked;
  const accepted = await acceptedByStretch(store, asked.place, algorithm, cuts, isWholeTenant);
  const keyAt = (i: number): string => `${cuts[i]} ${cuts[i + 1]}`;
  const found = cuts.slice(0, -1).map((cut, i): Stretch | undefined => {
    const sum = accepted.get(cut) ?? 0;
    if (sum === 0) return emptyStretch(cut / 60);
    const kept = place.stretches.get(keyAt(i));
    return kept?.acceptedSum === sum ? kept : undefined;
  });
  for (let i = 0; i < found.length; i++) {
    if (found[i] !== undefined) continue;
    const machines = Math.max(place.names.length, asked.machines, FEWEST_EXPECTED);
    const atOnce = Math.max(1, Math.floor(STRETCHES_AT_ONCE / machines));
    let end = i + 1;
    while (end < found.length && found[end] === undefined && end - i < atOnce) end++;
    const range = { cuts: cuts.slice(i, end + 1), machines };
    const parts = await hoursOfPlace(store, asked.place, algorithm, range);
    const read = await stretchesOf(place, parts, range.cuts);
    if (place.names.length > MAX_MACHINES) return undefined;
    for (const [n, stretch] of read.entries()) {
      found[i + n] = stretch;
      place.stretches.set(keyAt(i + n), stretch);
    }
  }
  return found as readonly Stretch[];
}

const NOTHING = new Uint32Array(1);

function emptyStretch(fromMinute: number): Stretch {
  const none = NOTHING.subarray(1);
  const zero = { accepted: new Float64Array(0), minutes: new Uint16Array(0) };
  return { fromMinute, acceptedSum: 0, full: none, starts: NOTHING, partial: none, ...zero };
}

/** Columns by machine, of parts as they were read. */
async function stretchesOf(place: Place, parts: readonly HoursPart[], cuts: readonly number[]): Promise<Stretch[]> {
  const slices = new Slices();
  for (const { names } of parts)
    for (const name of names) {
      if (slices.isOver()) await slices.next();
      if (place.numbers.has(name)) continue;
      place.numbers.set(name, place.names.length);
      place.names.push(name);
    }
  const machines = place.names.length;
  const stretches: Stretch[] = [];
  for (const cut of cuts.slice(0, -1)) {
    const full = new Uint32Array(machines);
    const accepted = new Float64Array(machines);
    const minutes = new Uint16Array(machines);
    const others = new Array<readonly number[] | undefined>(machines);
    let acceptedSum = 0;
    for (const part of parts)
      for (const [i, name] of part.names.entries()) {
        if (slices.isOver()) await slices.next();
        if (part.stretches[i] !== cut) continue;
        const number = place.numbers.get(name)!;
        full[number] = part.full[i]!;
        accepted[number] = part.accepted[i]!;
        minutes[number] = part.minutes[i]!;
        others[number] = part.partial[i]!;
        acceptedSum += part.accepted[i]!;
      }
    const starts = new Uint32Array(machines + 1);
    for (let number = 0; number < machines; number++)
      starts[number + 1] = starts[number]! + (others[number]?.length ?? 0);
    const partial = new Uint32Array(starts[machines]!);
    for (let number = 0; number < machines; number++) {
      const own = others[number];
      if (own !== undefined && own.length > 0) partial.set(own, starts[number]);
    }
    stretches.push({ fromMinute: cut / 60, acceptedSum, full, accepted, minutes, starts, partial });
  }
  return stretches;
}

function machineOf(number: number, stretches: readonly Stretch[]): MachineHours {
  const hours: ActiveHour[] = [];
  let accepted = 0;
  let minutes = 0;
  for (const stretch of stretches) {
    if (number >= stretch.full.length) continue;
    accepted += stretch.accepted[number]!;
    minutes += stretch.minutes[number]!;
    const { fromMinute, full, partial, starts } = stretch;
    addHours(hours, fromMinute, full[number]!, partial, starts[number], starts[number + 1]);
  }
  return { hours, accepted, minutes };
}

function bytesOf({ names, stretches }: Place): number {
  let bytes = names.length * NAME_BYTES;
  for (const { full, accepted, minutes, starts, partial } of stretches.values())
    bytes += full.byteLength + accepted.byteLength + minutes.byteLength + starts.byteLength + partial.byteLength;
  return bytes;
}
