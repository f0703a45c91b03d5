// What is owed to the channels: a fold of the topic `alerts`. A notification is owed from its record on, until a record says that it was
// delivered or given up, or that a digest stands for it. The same record twice changes nothing, so a restart folds its way back here.
import type { AlertRecord, Notification } from '@assay/alerting';
import type { AlertMessage } from '../channels/channel.ts';
import { digestOf, messageOf } from '../channels/message.ts';

/** One message on its way. */
export interface Owed {
  readonly id: string;
  readonly channel: string;
  readonly notifications: readonly Notification[];
  readonly isDigest: boolean;
  /** Since when it is owed. */
  readonly sinceUs: number;
  readonly attempts: number;
  /** Not to be tried before. */
  readonly nextAtUs: number;
}

export interface Undeliverable {
  readonly id: string;
  readonly channel: string;
  readonly atUs: number;
  readonly attempts: number;
  readonly reason: string;
}

/** How many of those given up are remembered to be shown; the log holds all. */
const MAX_UNDELIVERABLE = 1000;

export class Outbox {
  readonly #owed = new Map<string, Owed>();
  readonly #lanes = new Map<string, Map<string, Owed>>();
  /** Ids that were ever owed, with when: what comes again is not owed again. */
  readonly #known = new Map<string, number>();
  readonly #undeliverable: Undeliverable[] = [];

  apply(record: AlertRecord): void {
    switch (record.type) {
      case 'notification': {
        const { notification } = record;
        this.#add(owedOf(notification.id, notification.channel, [notification], false, notification.atUs));
        return;
      }
      case 'digest': {
        const { id, channel, atUs, of } = record.digest;
        const members = of.flatMap((each) => this.#owed.get(each) ?? []);
        for (const member of members) this.#remove(member);
        const notifications = members.flatMap((member) => member.notifications);
        // It is as old as the oldest that it stands for: the bound of what is tried counts from there.
        const sinceUs = Math.min(atUs, ...members.map((member) => member.sinceUs));
        if (members.length > 0) this.#add(owedOf(id, channel, notifications, true, sinceUs));
        return;
      }
      case 'retry': {
        const owed = this.#owed.get(record.id);
        if (owed !== undefined) this.#put({ ...owed, attempts: record.attempts, nextAtUs: record.nextAtUs });
        return;
      }
      case 'delivered':
      case 'undeliverable': {
        const owed = this.#owed.get(record.id);
        if (owed === undefined) return;
        this.#remove(owed);
        if (record.type === 'undeliverable') this.#noteUndeliverable(record, owed.channel);
        return;
      }
      case 'alert':
      case 'group':
      case 'acknowledge':
      case 'unacknowledge':
        return;
    }
  }

  get size(): number {
    return this.#owed.size;
  }

  /** Since when the oldest is owed; undefined when none is. */
  get oldestUs(): number | undefined {
    let oldest: number | undefined;
    for (const { sinceUs } of this.#owed.values()) oldest = Math.min(oldest ?? sinceUs, sinceUs);
    return oldest;
  }

  /** Channels to which something is owed. */
  get channels(): Iterable<string> {
    return this.#lanes.keys();
  }

  /** What is owed to a channel, the oldest first. */
  lane(channel: string): Iterable<Owed> {
    return this.#lanes.get(channel)?.values() ?? [];
  }

  /** The last that were given up, the newest last. */
  get undeliverable(): readonly Undeliverable[] {
    return this.#undeliverable;
  }

  /** Forgets ids older than `beforeUs` that are owed no more: only what was written twice around a crash comes again. */
  forgetBefore(beforeUs: number): void {
    for (const [id, atUs] of this.#known) if (atUs < beforeUs && !this.#owed.has(id)) this.#known.delete(id);
  }

  #add(owed: Owed): void {
    if (this.#known.has(owed.id)) return;
    this.#known.set(owed.id, owed.sinceUs);
    this.#put(owed);
  }

  #put(owed: Owed): void {
    this.#owed.set(owed.id, owed);
    let lane = this.#lanes.get(owed.channel);
    if (lane === undefined) this.#lanes.set(owed.channel, (lane = new Map()));
    lane.set(owed.id, owed);
  }

  #remove({ id, channel }: Owed): void {
    this.#owed.delete(id);
    const lane = this.#lanes.get(channel);
    lane?.delete(id);
    if (lane?.size === 0) this.#lanes.delete(channel);
  }

  #noteUndeliverable({ id, atUs, attempts, reason }: AlertRecord & { type: 'undeliverable' }, channel: string): void {
    this.#undeliverable.push({ id, channel, atUs, attempts, reason });
    if (this.#undeliverable.length > MAX_UNDELIVERABLE) this.#undeliverable.shift();
  }
}

export function messageFor({ id, isDigest, notifications, sinceUs }: Owed): AlertMessage {
  return isDigest ? digestOf(id, sinceUs, notifications) : messageOf(notifications[0]!);
}

function owedOf(
  id: string,
  channel: string,
  notifications: readonly Notification[],
  isDigest: boolean,
  sinceUs: number,
): Owed {
  return { id, channel, notifications, isDigest, sinceUs, attempts: 0, nextAtUs: 0 };
}
