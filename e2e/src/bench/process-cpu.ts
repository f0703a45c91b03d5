// CPU time of processes that are not ours to ask, read from /proc (Linux).
import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/pid/stat, counted behind the command, which is in parentheses: the parent's id, and user and system time in hundredths of a second. */
const PPID = 1;
const UTIME = 11;
const TICK_US = 10_000;

function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Of all threads of the process since it started, microseconds. */
export function cpuUsOf(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[UTIME]) + Number(fields[UTIME + 1])) * TICK_US;
}

/** The same with its child processes that live, and theirs. */
export function cpuUsOfTree(pid: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(statOf(Number(name))[PPID]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended between the listing and the look.
    }
  }
  const sum = (of: number): number => cpuUsOf(of) + (children.get(of) ?? []).reduce((total, id) => total + sum(id), 0);
  return sum(pid);
}
