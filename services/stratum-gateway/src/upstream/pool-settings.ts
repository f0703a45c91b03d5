// An upstream pool as a source of jobs, as it stands in the jobs file: where it is, under which account, and how patient to be.
import { ALGORITHMS, type Algorithm } from '@assay/mining';
import { z } from 'zod';

/** Where an endpoint is, read from its URL. */
export interface PoolAddress {
  readonly host: string;
  readonly port: number;
  /** Undefined for a plain connection. */
  readonly tls: PoolTls | undefined;
}

export interface PoolTls {
  /** False only where the URL says `verify=no`: then anybody in between can be the pool. */
  readonly verify: boolean;
  /** A file of certificates to trust instead of those Node comes with; '' for none. */
  readonly caFile: string;
}

const PLAIN = ['stratum+tcp:', 'tcp:'];
const SECURE = ['stratum+ssl:', 'stratum+tls:', 'ssl:', 'tls:'];

/** A pool's URL, or what is wrong with it. */
export function readPoolUrl(text: string): PoolAddress | string {
  if (!URL.canParse(text)) return 'is no URL such as stratum+tcp://pool.example:3333';
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(text);
  const secure = SECURE.includes(protocol);
  if (!secure && !PLAIN.includes(protocol)) return 'must begin with stratum+tcp://, stratum+ssl:// or stratum+tls://';
  if (hostname === '' || port === '' || port === '0') return 'must name host and port';
  if (username !== '' || password !== '') return 'must not hold user or password: they have fields of their own';
  if (pathname !== '' && pathname !== '/') return 'must end after the port';
  const unknown = [...searchParams.keys()].find((key) => key !== 'verify' && key !== 'ca');
  if (unknown !== undefined) return `has an option ${unknown}, and only verify and ca are known`;
  const verify = searchParams.get('verify') ?? 'yes';
  if (verify !== 'yes' && verify !== 'no') return 'has verify neither yes nor no';
  const caFile = searchParams.get('ca') ?? '';
  if (!secure && searchParams.size > 0) return 'has options of TLS but no TLS';
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(port), tls: secure ? { verify: verify === 'yes', caFile } : undefined };
}

const MAX_NAME_LENGTH = 255;
const account = z.string().min(1).max(MAX_NAME_LENGTH);

const endpoint = z
  .strictObject({
    url: z.string().superRefine((text, context) => {
      const read = readPoolUrl(text);
      if (typeof read === 'string') context.addIssue({ code: 'custom', message: read });
    }),
    /** The account; with `{path}` or `{worker}` in it, each worker's name is passed on. */
    user: account,
    password: z.string().max(MAX_NAME_LENGTH).default('x'),
    /** The account of what cannot be passed on under its worker's name; by default what stands before the `{` in `user`. */
    baseUser: account.optional(),
  })
  .transform((given) => ({ ...given, baseUser: given.baseUser ?? baseUserOf(given.user) }))
  .refine(({ baseUser }) => baseUser !== '' && !baseUser.includes('{'), {
    message: 'needs a baseUser: an account that is there before any worker is',
    path: ['baseUser'],
  });

/** `farm` of `farm.{path}`. */
function baseUserOf(user: string): string {
  const at = user.indexOf('{');
  return at < 0 ? user : user.slice(0, at).replace(/[._/:-]+$/, '');
}

const seconds = (least: number, most: number, usual: number): z.ZodDefault<z.ZodNumber> =>
  z.number().min(least).max(most).default(usual);

export const poolSourceSchema = z.strictObject({
  type: z.literal('pool'),
  algorithm: z.enum(Object.keys(ALGORITHMS) as [Algorithm, ...Algorithm[]]).default('sha256d'),
  /** In order of preference. */
  endpoints: z.array(endpoint).min(1).max(8),
  /** Connections of their own, each with jobs and machines of its own: for pools that limit what one connection may do. */
  connections: z.number().int().min(1).max(64).default(1),
  /** Keep a connection to the next endpoint ready, so that a change takes no handshake. */
  standby: z.boolean().default(true),
  /** A better endpoint must have been in order for this long before work comes from it again. */
  failBackSeconds: seconds(0, 86_400, 60),
  /** Until a connection must have brought its first job. */
  connectSeconds: seconds(0.1, 120, 10),
  /** A pool that sends no job for this long is taken for dead. */
  silenceSeconds: seconds(1, 3600, 180),
  /** A pool that does not answer a share for this long is taken for dead. */
  answerSeconds: seconds(0.1, 600, 20),
  /** How long a lost connection may take to come back before there is no work; machines stay with their job that long. */
  awaySeconds: seconds(0, 600, 0.75),
  /** Longest pause between two attempts to connect. */
  retrySeconds: seconds(0.05, 3600, 30),
  /** How long shares wait for a lost session to be taken up again. */
  resendSeconds: seconds(0, 3600, 60),
  /** How long shares that may be blocks wait for their endpoint. */
  candidateSeconds: seconds(0, 86_400, 600),
  /** Accounts of workers per connection; the names beyond go under the base account. */
  maxAccounts: z.number().int().min(1).max(100_000).default(10_000),
});

export type UpstreamPoolSettings = z.output<typeof poolSourceSchema>;
export type UpstreamEndpointSettings = UpstreamPoolSettings['endpoints'][number];
