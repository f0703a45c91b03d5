// What people are told of, how, and when not: rules, the channels they tell, webhooks, and maintenance windows. Secrets of channels stand here
// sealed with a key that the log does not hold.
import { z } from 'zod';
import { EVERY_TENANT, type Scope } from '../../access/roles.ts';
import type { KindDefinition, Reference, Refusal } from '../control-object.ts';
import type { ControlState } from '../control-state.ts';
import { isUnder, siteOf, tenantReference } from './places.ts';

const id = z.string().min(1).max(160);
const tenant = z.string().min(1).max(63);
const displayName = z.string().trim().min(1).max(100);
const atUs = z.number().int().min(0);
/** A secret, sealed. */
const sealed = z.string().min(1).max(4000);
/** Workers and places: whoever's name is one of these or lies below it. Empty: everything of the tenant. */
const under = z.array(z.string().min(1).max(127)).max(1000);

const perWorkerYear = z.number().min(1e-6).max(365).optional();
const fraction = z.number().gt(0).lt(1);
const minutes = z.number().int().min(1).max(10_080);

/** What is looked for. Left out is what detection has by default. */
const looksFor = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['offline', 'no_shares']),
    falseAlarmsPerWorkerYear: perWorkerYear,
    disconnectedMinutes: minutes.optional(),
  }),
  z.strictObject({
    kind: z.literal('rate_below_expected'),
    falseAlarmsPerWorkerYear: perWorkerYear,
    /** A loss smaller than this fraction of what is expected is none; 0.03 when left out. */
    tolerance: fraction.optional(),
  }),
  z.strictObject({
    kind: z.literal('rate_threshold'),
    windowMinutes: minutes,
    belowFraction: fraction,
    clearFraction: z.number().gt(0).max(2).optional(),
  }),
  z.strictObject({
    kind: z.enum(['invalid_up', 'stale_up']),
    falseAlarmsPerWorkerYear: perWorkerYear,
    /** What is usual; learned when left out. */
    baselineFraction: fraction.optional(),
  }),
  z.strictObject({
    kind: z.literal('flapping'),
    windowMinutes: minutes.optional(),
    connects: z.number().int().min(2).max(10_000).optional(),
  }),
  /** Answers that take longer than so many milliseconds, for so many minutes in a row; 3 when left out. */
  z.strictObject({
    kind: z.literal('latency_up'),
    limitMs: z.number().min(1).max(60_000),
    minutes: minutes.optional(),
  }),
  /** A rack or site of which no worker sends anything, or a whole tenant. */
  z.strictObject({ kind: z.enum(['place_down', 'gateways_silent']), falseAlarmsPerWorkerYear: perWorkerYear }),
  /** An upstream pool or node that has given no job for so long. Of the pool itself only. */
  z.strictObject({ kind: z.literal('upstream_down'), minutes: minutes.optional() }),
  /** A gateway with which validators disagree about shares; over after so many minutes without, 15 when left out. Of the pool itself only. */
  z.strictObject({ kind: z.literal('integrity'), minutes: minutes.optional() }),
]);

/** Minutes after midnight, as `22:00`. */
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day like 22:00');
const severity = z.enum(['info', 'warning', 'critical']);

const quietHours = z.strictObject({
  /** IANA name. Whether there is such a zone is for who enters it to check, as with a tenant's. */
  timeZone: z
    .string()
    .max(60)
    .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/),
  /** Days on which they begin, 0 is Sunday. */
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  from: timeOfDay,
  /** The next day when it is not after `from`. */
  to: timeOfDay,
  /** What is told all the same. */
  passes: z.array(severity).max(3),
});

const step = z.strictObject({
  /** After the first message, while nobody has acknowledged. */
  afterMinutes: z.number().int().min(0).max(10_080),
  channels: z.array(id).max(20),
  webhooks: z.array(id).max(20),
});

const ruleBody = z.strictObject({
  /** Whose workers it is about; EVERY_TENANT for the pool's own parts. */
  tenant,
  name: displayName,
  enabled: z.boolean(),
  under,
  /** Groups of workers it is about as well. */
  groups: z.array(id).max(100),
  looksFor,
  severity,
  /** Trouble must have lasted so long before anybody is told. */
  forSeconds: z.number().int().min(0).max(604_800),
  /** It must have been over for so long before it counts as over. */
  clearForSeconds: z.number().int().min(0).max(604_800),
  /** What comes and goes so often is told once, and is over only after it was calm for so long. */
  damping: z
    .strictObject({
      times: z.number().int().min(2).max(100),
      withinMinutes: minutes,
      calmMinutes: minutes,
    })
    .optional(),
  /** Without one it is only on record. */
  steps: z
    .array(step)
    .max(10)
    .refine(
      (steps) => steps.every(({ afterMinutes }, i) => afterMinutes >= (steps[i - 1]?.afterMinutes ?? 0)),
      'has a step before the one before it',
    ),
  quietHours: quietHours.optional(),
});
export type AlertRuleBody = z.infer<typeof ruleBody>;

export const alertRuleKind: KindDefinition<AlertRuleBody> = {
  schema: ruleBody,
  limit: 100_000,
  permission: 'alert.edit',
  // A group may hold workers of several sites.
  scopes: (_id, body) => (body.groups.length === 0 ? scopesUnder(body) : [{ tenant: body.tenant }]),
  references: (_id, body): Reference[] => [
    ...ofTenant(body.tenant),
    ...body.groups.map((group) => ({ kind: 'group', id: group, onRemove: 'refuse' }) as const),
    ...unique(body.steps.flatMap(({ channels }) => channels)).map(
      (channel) => ({ kind: 'alert_channel', id: channel, onRemove: 'refuse' }) as const,
    ),
    ...unique(body.steps.flatMap(({ webhooks }) => webhooks)).map(
      (webhook) => ({ kind: 'webhook', id: webhook, onRemove: 'refuse' }) as const,
    ),
  ],
  check: ({ before, after }, state) =>
    after === undefined
      ? undefined
      : (movedTenant(before, after) ?? strayName(after) ?? notOfThePool(after) ?? ofSomebodyElse(after, state)),
};

const port = z.number().int().min(1).max(65_535);
// As strict as what sends it: one address, wherever it is put.
const mailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s<>()[\]\\,;:"@]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'is no e-mail address');

const channelBody = z.strictObject({
  tenant,
  name: displayName,
  enabled: z.boolean(),
  sendsTo: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('slack'),
      /** URL of the incoming webhook: whoever has it may post. */
      sealedUrl: sealed,
    }),
    z.strictObject({
      type: z.literal('telegram'),
      /** The bot's. */
      sealedToken: sealed,
      chat: z.string().regex(/^(-?\d{1,20}|@[A-Za-z0-9_]{1,64})$/, 'is neither the number of a chat nor an @name'),
    }),
    z.strictObject({
      type: z.literal('mail'),
      to: z.array(mailAddress).min(1).max(20),
      /** A mail server of one's own; the pool's when left out. */
      server: z
        .strictObject({
          host: z.string().min(1).max(253),
          port,
          security: z.enum(['tls', 'starttls', 'none']),
          from: mailAddress,
          user: z.string().min(1).max(254).optional(),
          sealedPassword: sealed.optional(),
        })
        .optional(),
    }),
  ]),
});
export type AlertChannelBody = z.infer<typeof channelBody>;

export const alertChannelKind: KindDefinition<AlertChannelBody> = {
  schema: channelBody,
  limit: 50_000,
  permission: 'alert.edit',
  scopes: (_id, body) => [{ tenant: body.tenant }],
  references: (_id, body) => ofTenant(body.tenant),
  check: ({ before, after }) => movedTenant(before, after),
};

const webhookBody = z.strictObject({
  tenant,
  name: displayName,
  enabled: z.boolean(),
  url: z
    .string()
    .max(2000)
    .regex(/^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/, 'is no URL of a web server'),
  /** The one that signs; while it is being changed, the one before as well. */
  sealedSecrets: z.array(sealed).min(1).max(2),
});
export type WebhookBody = z.infer<typeof webhookBody>;

export const webhookKind: KindDefinition<WebhookBody> = {
  schema: webhookBody,
  limit: 50_000,
  permission: 'alert.edit',
  scopes: (_id, body) => [{ tenant: body.tenant }],
  references: (_id, body) => ofTenant(body.tenant),
  check: ({ before, after }) => movedTenant(before, after),
};

const windowBody = z
  .strictObject({
    tenant,
    name: displayName,
    under,
    fromUs: atUs,
    /** First moment it is over. */
    untilUs: atUs,
    note: z.string().max(2000).optional(),
  })
  .refine(({ fromUs, untilUs }) => untilUs > fromUs, 'ends before it begins');
export type MaintenanceWindowBody = z.infer<typeof windowBody>;

export const maintenanceWindowKind: KindDefinition<MaintenanceWindowBody> = {
  schema: windowBody,
  limit: 100_000,
  permission: 'alert.edit',
  scopes: (_id, body) => scopesUnder(body),
  references: (_id, body) => ofTenant(body.tenant),
  check: ({ before, after }) => movedTenant(before, after) ?? (after === undefined ? undefined : strayName(after)),
};

/** What the secrets of a channel are sealed for, so that none can be put in another's place. */
export const channelSecret = (id: string): string => `alert channel ${id}`;
export const webhookSecret = (id: string): string => `webhook ${id}`;

interface OfTenant {
  readonly tenant: string;
}

/** The sites of all that is named, or the whole tenant where something reaches beyond sites. */
function scopesUnder({ tenant: of, under: names }: OfTenant & { readonly under: readonly string[] }): readonly Scope[] {
  const sites = names.map(siteOf);
  if (of === EVERY_TENANT || names.length === 0 || sites.includes(undefined)) return [{ tenant: of }];
  return unique(sites).map((site) => ({ tenant: of, site }));
}

function ofTenant(of: string): Reference[] {
  return of === EVERY_TENANT ? [] : [tenantReference(of)];
}

/** Whose it is decides who may read its secrets' use: it stays. */
function movedTenant(before: OfTenant | undefined, after: OfTenant | undefined): Refusal | undefined {
  return before === undefined || after === undefined || before.tenant === after.tenant
    ? undefined
    : { code: 'invalid', message: `It belongs to ${before.tenant}: make a new one for ${after.tenant}.` };
}

function strayName({
  tenant: of,
  under: names,
}: OfTenant & { readonly under: readonly string[] }): Refusal | undefined {
  if (of === EVERY_TENANT) return undefined;
  const stray = names.find((name) => !isUnder(name, of));
  return stray === undefined ? undefined : { code: 'invalid', message: `${stray} is not of tenant ${of}.` };
}

/** What gateways do is the pool's affair, and nobody's who only mines there. */
function notOfThePool({ tenant: of, looksFor: { kind } }: AlertRuleBody): Refusal | undefined {
  return kind !== 'integrity' || of === EVERY_TENANT
    ? undefined
    : { code: 'invalid', message: "Rules about gateways are the pool's: they belong to *, not to a tenant." };
}

/** A rule must not tell of one tenant through what another pays for or reads, nor concern another's group. */
function ofSomebodyElse(rule: AlertRuleBody, state: ControlState): Refusal | undefined {
  const named = [
    ...rule.steps.flatMap(({ channels }) => channels.map((name) => ['alert_channel', name] as const)),
    ...rule.steps.flatMap(({ webhooks }) => webhooks.map((name) => ['webhook', name] as const)),
    ...rule.groups.map((name) => ['group', name] as const),
  ];
  const other = named.find(([kind, name]) => state.get(kind, name)?.body.tenant !== rule.tenant);
  return other === undefined
    ? undefined
    : { code: 'invalid', message: `${other[0]} ${other[1]} does not belong to ${rule.tenant}.` };
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
