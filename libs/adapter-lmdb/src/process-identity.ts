// Tells whether the process that wrote a member entry is certainly dead, so that a restart after a crash takes its partitions over at once
// instead of waiting for the heartbeat to expire. "Certainly" needs /proc and the same boot and process-id namespace;
// anywhere else the answer is "not certain" and the heartbeat decides.
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and process-id namespace, or '' where there is none to read. */
  readonly realm: string;
  /** When the process started, in clock ticks since boot: process ids are reused. */
  readonly startTicks: string;
}

function readRealm(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** Undefined when there is no such process. */
function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; starttime is field 22, the 20th after it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has released everything and only waits to be reaped.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

const REALM = readRealm();

export function ownProcess(): ProcessIdentity {
  return { pid: process.pid, realm: REALM, startTicks: REALM === '' ? '' : (readStartTicks(process.pid) ?? '') };
}

export function isCertainlyDead(identity: ProcessIdentity): boolean {
  if (REALM === '' || identity.realm !== REALM) return false;
  return readStartTicks(identity.pid) !== identity.startTicks;
}

/** The same where the answer must not be wrong the other way: there is such a process, here, now. */
export function isCertainlyAlive(identity: ProcessIdentity): boolean {
  return REALM !== '' && identity.realm === REALM && readStartTicks(identity.pid) === identity.startTicks;
}
