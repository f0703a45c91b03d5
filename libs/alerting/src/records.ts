// What the topic `alerts` holds, as JSON: the last record of an alert or a group is what it is now; a notification is owed from its record
// on, until a record says what became of it. People's commands come in by the same topic, so whoever keeps the alerts reads them in order.
import { z } from 'zod';
import {
  CAUSE_DIMENSIONS,
  RULE_KINDS,
  SEVERITIES,
  type Alert,
  type AlertGroup,
  type Notification,
  type ResolvedWhy,
} from './alert.ts';

/** Many notifications of one channel sent as one message, because they came faster than the channel takes them. */
export interface Digest {
  readonly id: string;
  readonly channel: string;
  readonly atUs: number;
  /** Ids of the notifications it stands for. */
  readonly of: readonly string[];
}

export type AlertRecord =
  | { readonly type: 'alert'; readonly alert: Alert }
  | { readonly type: 'group'; readonly group: AlertGroup }
  | { readonly type: 'notification'; readonly notification: Notification }
  | { readonly type: 'digest'; readonly digest: Digest }
  /** The sending failed and is tried again. `id` is a notification's or a digest's. */
  | {
      readonly type: 'retry';
      readonly id: string;
      readonly atUs: number;
      readonly attempts: number;
      readonly reason: string;
      readonly nextAtUs: number;
    }
  | {
      readonly type: 'delivered';
      readonly id: string;
      readonly atUs: number;
      readonly attempts: number;
      /** What the receiver did not take as it was sent. */
      readonly note?: string;
    }
  /** It was given up: refused by the receiver, or not delivered within the stated bound. */
  | {
      readonly type: 'undeliverable';
      readonly id: string;
      readonly atUs: number;
      readonly attempts: number;
      readonly reason: string;
    }
  | { readonly type: 'acknowledge'; readonly alert: string; readonly by: string; readonly atUs: number }
  | { readonly type: 'unacknowledge'; readonly alert: string; readonly by: string; readonly atUs: number };

const us = z.number().nonnegative();
const texts = z.record(z.string(), z.string());
const subject = z.object({ tenant: z.string(), site: z.string(), rack: z.string(), worker: z.string() });
const traits = z.object({
  gateway: z.string().optional(),
  upstream: z.string().optional(),
  userAgent: z.string().optional(),
});
const kind = z.enum(RULE_KINDS);
const severity = z.enum(SEVERITIES);
const cause = z.object({
  dimension: z.enum(CAUSE_DIMENSIONS),
  tenant: z.string(),
  site: z.string(),
  value: z.string(),
});

const why = z.enum(['ok', 'withdrawn', 'rule_removed']);

const alert: z.ZodType<Alert> = z.object({
  id: z.string(),
  key: z.string(),
  rule: z.string(),
  kind,
  subject,
  severity,
  evidence: texts,
  traits,
  state: z.enum(['pending', 'firing', 'acknowledged', 'resolved']),
  startedAtUs: us,
  firedAtUs: us,
  lastFindingUs: us,
  okSinceUs: us,
  acknowledged: z.object({ by: z.string(), atUs: us }).optional() as z.ZodType<NonNullable<Alert['acknowledged']>>,
  resolved: z.object({ atUs: us, why }).optional() as z.ZodType<NonNullable<Alert['resolved']>>,
  recentFiringsUs: z.array(us),
  flapping: z.boolean(),
  told: z.array(z.object({ step: z.number(), atUs: us, channels: z.array(z.string()), group: z.string() })),
  escalatesFromUs: us,
  endToldAtUs: us,
  silencedBy: z.string(),
});

const group: z.ZodType<AlertGroup> = z.object({
  id: z.string(),
  cause,
  class: z.string(),
  openedAtUs: us,
  messages: z.number(),
  channels: z.array(z.string()),
});

const over = why.optional() as z.ZodType<ResolvedWhy>;

const notification: z.ZodType<Notification> = z.object({
  id: z.string(),
  about: z.enum(['firing', 'resolved', 'test']),
  channel: z.string(),
  tenant: z.string(),
  atUs: us,
  severity,
  step: z.number(),
  alerts: z.array(
    z.object({
      id: z.string(),
      rule: z.string(),
      kind,
      subject,
      severity,
      startedAtUs: us,
      traits,
      evidence: texts,
      over,
    }),
  ),
  count: z.number(),
  thread: z.string(),
  opens: z.boolean(),
  by: z.string().optional() as z.ZodType<string>,
  group: z.object({ id: z.string(), cause, workers: z.number(), of: z.number() }).optional() as z.ZodType<
    NonNullable<Notification['group']>
  >,
});

const sent = { id: z.string(), atUs: us, attempts: z.number() };
const command = { alert: z.string(), by: z.string(), atUs: us };

const record: z.ZodType<AlertRecord> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('alert'), alert }),
  z.object({ type: z.literal('group'), group }),
  z.object({ type: z.literal('notification'), notification }),
  z.object({
    type: z.literal('digest'),
    digest: z.object({ id: z.string(), channel: z.string(), atUs: us, of: z.array(z.string()) }),
  }),
  z.object({ type: z.literal('retry'), ...sent, reason: z.string(), nextAtUs: us }),
  z.object({ type: z.literal('delivered'), ...sent, note: z.string().optional() as z.ZodType<string> }),
  z.object({ type: z.literal('undeliverable'), ...sent, reason: z.string() }),
  z.object({ type: z.literal('acknowledge'), ...command }),
  z.object({ type: z.literal('unacknowledge'), ...command }),
]);

export function encodeAlertRecord(value: AlertRecord): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** Undefined when the bytes are no record of this topic. */
export function decodeAlertRecord(bytes: Uint8Array): AlertRecord | undefined {
  try {
    const parsed = record.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
