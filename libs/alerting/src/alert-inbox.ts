// Alerts as people look at them: a fold of the topic `alerts` for who shows them and sends none. What was told of each, and what became of it,
// stands beside it.
//
// Bounded: what is not over is all there; of what is over, the newest `maxResolved`. What never fired is left out once it is over.
import type { Alert, AlertGroup, Notification } from './alert.ts';
import type { AlertRecord } from './records.ts';

/** One message about an alert, or about the group it belongs to. */
export interface InboxMessage {
  readonly id: string;
  readonly about: Notification['about'];
  readonly channel: string;
  readonly step: number;
  readonly atUs: number;
  readonly state: 'owed' | 'delivered' | 'undeliverable';
  readonly attempts: number;
  /** Why the last attempt failed, or what the receiver did not take; '' when there is nothing to say. */
  readonly reason: string;
  /** What it was told with, and how many of how many workers were then in trouble; absent of a message about one alert alone. */
  readonly group?: NonNullable<Notification['group']>;
}

export const DEFAULT_MAX_RESOLVED = 10_000;
const MAX_TESTS = 100;

export class AlertInbox {
  readonly #maxResolved: number;
  readonly #open = new Map<string, Alert>();
  /** In the order in which they ended. */
  readonly #resolved = new Map<string, Alert>();
  /** By thread: an alert's id, or a group's. */
  readonly #threads = new Map<string, Map<string, InboxMessage>>();
  /** Thread of each message that is owed. */
  readonly #threadOf = new Map<string, string>();
  readonly #digests = new Map<string, readonly string[]>();
  /** Threads of the last messages that tried a channel, which no alert holds. */
  readonly #tests: string[] = [];
  /** Alerts that each group holds. */
  readonly #members = new Map<string, Set<string>>();
  readonly #groups = new Map<string, AlertGroup>();

  constructor(maxResolved: number = DEFAULT_MAX_RESOLVED) {
    this.#maxResolved = maxResolved;
  }

  /** @returns ids of the alerts of which something is new. */
  apply(record: AlertRecord): readonly string[] {
    switch (record.type) {
      case 'alert':
        this.#keep(record.alert);
        return [record.alert.id];
      case 'notification': {
        const { id, about, channel, step, atUs, thread, group } = record.notification;
        if (this.#threads.get(thread)?.has(id)) return [];
        if (about === 'test') this.#noteTest(thread);
        this.#threadOf.set(id, thread);
        const sent = { id, about, channel, step, atUs, state: 'owed', attempts: 0, reason: '' } as const;
        this.#put(thread, group === undefined ? sent : { ...sent, group });
        return this.#alertsOf(thread);
      }
      case 'digest':
        this.#digests.set(record.digest.id, record.digest.of);
        return [];
      case 'retry':
        return this.#settle(record.id, { attempts: record.attempts, reason: record.reason });
      case 'delivered':
        return this.#settle(record.id, { state: 'delivered', attempts: record.attempts, reason: record.note ?? '' });
      case 'undeliverable':
        return this.#settle(record.id, { state: 'undeliverable', attempts: record.attempts, reason: record.reason });
      case 'group':
        this.#groups.set(record.group.id, record.group);
        return [...(this.#members.get(record.group.id) ?? [])];
      case 'acknowledge':
      case 'unacknowledge':
        return [];
    }
  }

  get(id: string): Alert | undefined {
    return this.#open.get(id) ?? this.#resolved.get(id);
  }

  /** What an alert was told with last; undefined when it was told alone, or never. */
  groupOf({ told }: Alert): AlertGroup | undefined {
    return this.#groups.get(told.findLast(({ group }) => group !== '')?.group ?? '');
  }

  /** What is not over, and then what is, the last ended last. */
  *all(): Iterable<Alert> {
    yield* this.#open.values();
    yield* this.#resolved.values();
  }

  /** What was told of an alert, alone and in groups, the oldest first; of a test, by the test's id, how it went. */
  messages(id: string): readonly InboxMessage[] {
    const groups = this.get(id)?.told.map(({ group }) => group) ?? [];
    const threads = new Set([id, ...groups.filter((group) => group !== '')]);
    return [...threads]
      .flatMap((thread) => [...(this.#threads.get(thread)?.values() ?? [])])
      .sort((a, b) => a.atUs - b.atUs);
  }

  #keep(alert: Alert): void {
    this.#open.delete(alert.id);
    if (alert.state !== 'resolved') this.#open.set(alert.id, alert);
    else if (alert.firedAtUs > 0) this.#resolved.set(alert.id, alert);
    for (const { group } of alert.told) {
      if (group === '') continue;
      const members = this.#members.get(group) ?? new Set();
      this.#members.set(group, members.add(alert.id));
    }
    for (const oldest of this.#resolved.values()) {
      if (this.#resolved.size <= this.#maxResolved) break;
      this.#drop(oldest);
    }
  }

  #drop({ id, told }: Alert): void {
    this.#resolved.delete(id);
    this.#dropThread(id);
    for (const { group } of told) {
      const members = this.#members.get(group);
      members?.delete(id);
      if (members?.size !== 0) continue;
      this.#members.delete(group);
      this.#groups.delete(group);
      this.#dropThread(group);
    }
  }

  #dropThread(thread: string): void {
    for (const id of this.#threads.get(thread)?.keys() ?? []) this.#threadOf.delete(id);
    this.#threads.delete(thread);
  }

  #noteTest(thread: string): void {
    this.#tests.push(thread);
    if (this.#tests.length > MAX_TESTS) this.#dropThread(this.#tests.shift()!);
  }

  #settle(id: string, change: Partial<Pick<InboxMessage, 'state' | 'attempts' | 'reason'>>): readonly string[] {
    const ids = this.#digests.get(id) ?? [id];
    if (change.state !== undefined) this.#digests.delete(id);
    return ids.flatMap((each) => {
      const thread = this.#threadOf.get(each);
      const message = thread === undefined ? undefined : this.#threads.get(thread)?.get(each);
      if (thread === undefined || message === undefined) return [];
      if (change.state !== undefined) this.#threadOf.delete(each);
      this.#put(thread, { ...message, ...change });
      return this.#alertsOf(thread);
    });
  }

  #put(thread: string, message: InboxMessage): void {
    const messages = this.#threads.get(thread) ?? new Map<string, InboxMessage>();
    this.#threads.set(thread, messages.set(message.id, message));
  }

  #alertsOf(thread: string): readonly string[] {
    return [...(this.#members.get(thread) ?? [thread])];
  }
}
