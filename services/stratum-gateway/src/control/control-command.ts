// What operators can say to gateways through the `control` topic, one JSON object a record. control-listener.ts acts on it.
import { z } from 'zod';

const target = { worker: z.string().optional(), all: z.boolean().optional() };

export const controlCommand = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job_refresh'), newBlock: z.boolean().default(false), source: z.string().optional() }),
  // Which source works for a tenant, a site, one worker, or for a port; without one, what the gateway's own settings say.
  z
    .object({
      type: z.literal('route'),
      worker: z.string().max(127).optional(),
      port: z.string().max(63).optional(),
      source: z.string().max(63).nullable(),
    })
    .refine(({ worker, port }) => (worker === undefined) !== (port === undefined), 'needs a worker or a port'),
  z.object({
    type: z.literal('reconnect'),
    ...target,
    host: z.string().max(253).optional(),
    port: z.number().int().min(1).max(65535).optional(),
    waitSeconds: z.number().int().min(0).max(3600).default(0),
  }),
  z.object({ type: z.literal('show_message'), ...target, text: z.string().min(1).max(500) }),
  z.object({ type: z.literal('get_version'), ...target }),
]);

export type ControlCommand = z.infer<typeof controlCommand>;
