// The jobs file: where jobs come from, on which ports, and for whom. Read once at the start; a bad file stops the start and names what is
// wrong. Without one there is one source: the upstream pool of the settings, or else jobs of our own.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { ALGORITHMS, type Algorithm } from '@assay/mining';
import { SettingsError } from '@assay/platform';
import { parseUsername } from '@assay/tenancy';
import { z } from 'zod';
import type { OnLoss } from './feed.ts';
import { COINS, nodeSourceSchema } from '../node/node-settings.ts';
import { poolSourceSchema } from '../upstream/pool-settings.ts';

const NAME = /^[A-Za-z0-9_-]{1,63}$/;
const algorithm = z.enum(Object.keys(ALGORITHMS) as [Algorithm, ...Algorithm[]]);
/** What every source has that can be lost. */
export const lossSchema = z.strictObject({
  onLoss: z.enum(['disconnect', 'local', 'hold']).default('disconnect'),
  lossSeconds: z.number().min(0).max(3600).default(10),
});

const localSource = z.strictObject({ type: z.literal('local'), algorithm: algorithm.default('sha256d') });

export const poolPlanSchema = poolSourceSchema.extend(lossSchema.shape);

const sourceSchema = z.discriminatedUnion('type', [
  localSource,
  poolPlanSchema,
  nodeSourceSchema.extend(lossSchema.shape),
]);

const port = z.strictObject({
  name: z.string().regex(NAME).optional(),
  host: z
    .string()
    .refine((host) => isIP(host) !== 0, 'is no address')
    .optional(),
  port: z.number().int().min(0).max(65535),
  algorithm: algorithm.default('sha256d'),
  source: z.string(),
  tls: z.boolean().default(false),
});

const jobsFile = z.strictObject({
  sources: z.record(z.string().regex(NAME, 'is no name of letters, digits, _ and -'), sourceSchema),
  default: z.string().optional(),
  ports: z.array(port).max(64).default([]),
  routes: z
    .record(
      z.string().refine((name) => parseUsername(name)?.worker === name, 'is no beginning of a worker name'),
      z.union([z.string(), z.array(z.string()).min(1)]),
    )
    .default({}),
});

export type SourcePlan = z.infer<typeof sourceSchema>;

export interface ExtraPort {
  readonly name: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly algorithm: Algorithm;
  readonly source: string;
  readonly tls: boolean;
}

/** Where a gateway's jobs come from. */
export interface JobsPlan {
  readonly sources: ReadonlyMap<string, SourcePlan>;
  /** The source of the stratum port. */
  readonly defaultSource: string;
  readonly ports: readonly ExtraPort[];
  readonly routes: ReadonlyMap<string, readonly string[]>;
}

/** Reads the file. Throws SettingsError that names the file and everything in it that is wrong. */
export function readJobsFile(path: string, mainAlgorithm: Algorithm): JobsPlan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError(`ASSAY_JOBS_FILE=${path} cannot be read: ${(error as Error).message}.`);
  }
  return parseJobsFile(path, text, mainAlgorithm);
}

/** @param mainAlgorithm that of the stratum port. Throws SettingsError. */
export function parseJobsFile(path: string, text: string, mainAlgorithm: Algorithm): JobsPlan {
  const refuse = (problems: readonly string[]): never => {
    throw new SettingsError(`ASSAY_JOBS_FILE=${path} cannot be used: ${problems.join('; ')}.`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`ASSAY_JOBS_FILE=${path} is not JSON: ${(error as Error).message}.`);
  }
  const parsed = jobsFile.safeParse(json);
  if (!parsed.success)
    return refuse(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${problemOf(issue)}`));
  const { data } = parsed;
  const sources = new Map(Object.entries(data.sources));
  const names = [...sources.keys()];
  const problems: string[] = [];
  const defaultSource = data.default ?? (names.length === 1 ? names[0]! : '');
  if (defaultSource === '')
    problems.push('default: names the source of the stratum port, needed when there are several');
  const ports = data.ports.map((one) => ({ ...one, name: one.name ?? String(one.port), host: one.host }));
  const portNames = new Set(ports.map(({ name }) => name));
  if (portNames.size < ports.length) problems.push('ports: two have the same name');
  const expect = (where: string, source: string, hashes: Algorithm | undefined): void => {
    const plan = sources.get(source);
    if (plan === undefined) problems.push(`${where}: there is no source ${source}`);
    else if (hashes !== undefined && algorithmOf(plan) !== hashes)
      problems.push(`${where}: source ${source} is ${algorithmOf(plan)}, not ${hashes}`);
  };
  if (defaultSource !== '') expect('default', defaultSource, mainAlgorithm);
  for (const one of ports) expect(`ports.${one.name}`, one.source, one.algorithm);
  const routes = new Map(
    Object.entries(data.routes).map(([prefix, to]) => [prefix, typeof to === 'string' ? [to] : to]),
  );
  for (const [prefix, to] of routes) for (const source of to) expect(`routes.${prefix}`, source, undefined);
  return problems.length > 0 ? refuse(problems) : { sources, defaultSource, ports, routes };
}

/** What machines of a source have to compute. */
export function algorithmOf(plan: SourcePlan): Algorithm {
  return plan.type === 'node' ? COINS[plan.coin].algorithm : plan.algorithm;
}

/** What becomes of a source's machines when it has no more work; jobs of our own never end. */
export function lossOf(plan: SourcePlan & Partial<z.infer<typeof lossSchema>>): {
  readonly onLoss: OnLoss;
  readonly lossSeconds: number;
} {
  const { onLoss = 'hold', lossSeconds = 0 } = plan;
  return { onLoss, lossSeconds };
}

/** Of a key that is no good, what is wrong with it, and not only that something is. */
function problemOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message;
}
