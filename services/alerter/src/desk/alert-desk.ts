// Keeps the alerts: takes findings and people's commands, moves the book with time, and puts on record what changed and what is owed. All it
// knows is a fold of the topic `alerts`, so a process that takes over, or starts again, stands where the last one stood.
//
// Invariant: the messages owed are on record no later than the alert that says they were told. A crash in between tells again, under the
// same ids.
import {
  AlertBook,
  decodeAlertRecord,
  encodeAlertRecord,
  type AlertConfig,
  type AlertRecord,
  type BookOptions,
  type Finding,
  type Fleet,
} from '@assay/alerting';
import { LogError, TOPIC, type EventLog, type PartitionSession, type StoredRecord } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { AlerterMetrics } from '../alerter-metrics.ts';
import { Outbox } from '../outbox/outbox.ts';

const READ = { maxRecords: 2000, maxBytes: 4_000_000 };
/** Below what any log takes in one append. An alert is some 600 bytes, a message that lists twenty of them some 12,000. */
const APPEND_BYTES = 500_000;
const DAY_US = 86_400_000_000;
/** The topic keeps 90 days: what is still open is written again long before. */
const RECORD_AGAIN_US = 7 * DAY_US;
/** Ids are remembered as long as something might write them twice. */
const REMEMBER_IDS_US = 3 * DAY_US;
const HOUSEKEEPING_US = DAY_US / 24;

export interface DeskPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AlerterMetrics;
  readonly bookOptions: BookOptions;
}

export class AlertDesk {
  readonly #ports: DeskPorts;
  readonly #session: PartitionSession;
  readonly #book: AlertBook;
  readonly outbox = new Outbox();
  /** When each open alert or group was put on record last. */
  readonly #recordedUs = new Map<string, number>();
  #offset = 0;
  #keptHouseUs = 0;

  private constructor(session: PartitionSession, ports: DeskPorts) {
    this.#session = session;
    this.#ports = ports;
    this.#book = new AlertBook(ports.bookOptions);
  }

  /** Folds what is on record. */
  static async open(session: PartitionSession, ports: DeskPorts): Promise<AlertDesk> {
    const desk = new AlertDesk(session, ports);
    const { start, end } = await session.bounds();
    desk.#offset = start;
    while (desk.#offset < end && !session.signal.aborted)
      await desk.#read(0, (record, stored) => desk.#fold(record, stored));
    return desk;
  }

  get alerts(): AlertBook['alerts'] {
    return this.#book.alerts;
  }

  configure(config: AlertConfig): void {
    this.#book.configure(config);
  }

  found(findings: Iterable<Finding>): void {
    for (const finding of findings) this.#book.found(finding);
  }

  /** Waits up to `waitMs` for new records, and takes from them what others wrote. @returns whether that was something to act on. */
  async follow(waitMs: number): Promise<boolean> {
    let commands = 0;
    const owedBefore = this.outbox.size;
    const take = (record: AlertRecord): void => {
      if (record.type === 'acknowledge' || record.type === 'unacknowledge') commands++;
      this.#command(record);
      // Its own messages it knows. Others write tests of channels; and what the keeper before it wrote while this one began must not be
      // forgotten.
      if (record.type === 'notification' || record.type === 'delivered' || record.type === 'undeliverable') {
        this.outbox.apply(record);
      }
    };
    await this.#read(waitMs, take, isOwnState);
    return commands > 0 || this.outbox.size > owedBefore;
  }

  /** Moves everything to now. Resolves once what changed is durable; what is owed is then in the outbox. */
  async tick(fleet: Fleet): Promise<void> {
    const nowUs = this.#ports.clock.nowUs();
    this.#keepHouse(nowUs);
    const { notifications, groups, alerts } = this.#book.tick(nowUs, fleet);
    await this.append([
      ...notifications.map((notification) => ({ type: 'notification' as const, notification })),
      ...groups.map((group) => ({ type: 'group' as const, group })),
      ...alerts.map((alert) => ({ type: 'alert' as const, alert })),
    ]);
    for (const { id, state } of alerts) {
      if (state === 'resolved') this.#recordedUs.delete(id);
      else this.#recordedUs.set(id, nowUs);
    }
    for (const { id } of groups) this.#recordedUs.set(id, nowUs);
    for (const notification of notifications) this.outbox.apply({ type: 'notification', notification });
  }

  /** How far the topic was read, for those who look at the group's lag. */
  async commit(): Promise<void> {
    await this.#session.commit({ offset: this.#offset, metadata: '' });
  }

  /** Resolves once the records are durable, in order. Rejects when the log fails in a way that may pass: the fold then begins anew. */
  async append(records: readonly AlertRecord[]): Promise<void> {
    let batch: { value: Uint8Array }[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      if (batch.length > 0) await this.#ports.log.append(TOPIC.alerts, batch, this.#session.partition);
      batch = [];
      bytes = 0;
    };
    for (const record of records) {
      const value = encodeAlertRecord(record);
      if (bytes + value.length > APPEND_BYTES) await flush();
      batch.push({ value });
      bytes += value.length;
    }
    await flush();
  }

  async #read(
    waitMs: number,
    take: (record: AlertRecord, stored: StoredRecord) => void,
    skip: (value: Uint8Array) => boolean = () => false,
  ): Promise<void> {
    const records = await this.#readPastCorrupt(waitMs);
    for (const stored of records) {
      this.#offset = stored.offset + 1;
      if (skip(stored.value)) continue;
      const record = decodeAlertRecord(stored.value);
      if (record !== undefined) take(record, stored);
      else {
        this.#ports.metrics.unreadable.inc();
        this.#ports.logger.error({ offset: stored.offset }, 'a record of the topic alerts cannot be read');
      }
    }
  }

  async #readPastCorrupt(waitMs: number): Promise<readonly StoredRecord[]> {
    try {
      return await this.#session.read(this.#offset, { ...READ, waitMs });
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'corrupt') throw error;
      // One record that a disk spoilt must not keep every later alert from being told.
      this.#ports.metrics.unreadable.inc();
      this.#ports.logger.error({ offset: this.#offset, err: error }, 'a record of the topic alerts is corrupt');
      this.#offset++;
      return [];
    }
  }

  #fold(record: AlertRecord, stored: StoredRecord): void {
    this.outbox.apply(record);
    switch (record.type) {
      case 'alert': {
        this.#book.restore(record.alert);
        const { id, state } = record.alert;
        if (state === 'resolved') this.#recordedUs.delete(id);
        else this.#recordedUs.set(id, stored.timestampUs);
        return;
      }
      case 'group':
        this.#book.restoreGroup(record.group);
        this.#recordedUs.set(record.group.id, stored.timestampUs);
        return;
      case 'acknowledge':
      case 'unacknowledge':
        // Taken again if the last keeper took it: what came of it is on record behind it.
        return this.#command(record);
      case 'notification':
      case 'digest':
      case 'retry':
      case 'delivered':
      case 'undeliverable':
        return;
    }
  }

  #command(record: AlertRecord): void {
    if (record.type === 'acknowledge') this.#book.acknowledge(record.alert, record.by, record.atUs);
    if (record.type === 'unacknowledge') this.#book.unacknowledge(record.alert, record.atUs);
  }

  #keepHouse(nowUs: number): void {
    if (nowUs - this.#keptHouseUs < HOUSEKEEPING_US) return;
    this.#keptHouseUs = nowUs;
    this.#book.recordAgain((id) => nowUs - (this.#recordedUs.get(id) ?? 0) >= RECORD_AGAIN_US);
    this.outbox.forgetBefore(nowUs - REMEMBER_IDS_US);
    const open = new Set([...this.#book.alerts, ...this.#book.groups].map(({ id }) => id));
    for (const id of this.#recordedUs.keys()) if (!open.has(id)) this.#recordedUs.delete(id);
  }
}

const ALERT_RECORD = Buffer.from('{"type":"alert"');

/** An alert's state, which only who keeps the alerts writes: of a site that fails there are thousands at once, and nothing new in them. */
function isOwnState(value: Uint8Array): boolean {
  return Buffer.compare(value.subarray(0, ALERT_RECORD.length), ALERT_RECORD) === 0;
}
