// A node of one's own as a source of jobs, as it stands in the jobs file: which nodes, who is paid, and how patient to be.
import { MAX_TAG_BYTES, partsOfPercent, PARTS_PER_WHOLE, type Algorithm } from '@assay/mining';
import { z } from 'zod';

export type Coin = 'bitcoin' | 'litecoin';

interface CoinFacts {
  readonly algorithm: Algorithm;
  /** What getblocktemplate must be told that we understand. */
  readonly rules: readonly string[];
  /** Hashes of block 0 on its networks: a node of the other coin is known by them. */
  readonly genesis: readonly string[];
}

/** Genesis hashes: chainparams.cpp of Bitcoin Core (main, testnet3, testnet4, signet, regtest) and Litecoin Core (main, testnet, regtest). */
export const COINS: Readonly<Record<Coin, CoinFacts>> = {
  bitcoin: {
    algorithm: 'sha256d',
    rules: ['segwit'],
    genesis: [
      '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
      '000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943',
      '00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043',
      '00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6',
      '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
    ],
  },
  litecoin: {
    algorithm: 'scrypt',
    rules: ['mweb', 'segwit'],
    genesis: [
      '12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2',
      '4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0',
      '530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9',
    ],
  },
};

/** Most outputs that pay somebody. Bitcoin Core reserves 400 signature operations for the coinbase, and an output costs at most 4. */
const MAX_PAYOUTS = 50;
const MAX_SCRIPT_HEX = 2 * 520;

const nodeUrl = z.string().superRefine((text, context) => {
  // The text may hold a password: no message repeats it.
  const problem = (message: string): void => context.addIssue({ code: 'custom', message });
  if (!URL.canParse(text)) return problem('is no URL such as http://user:password@127.0.0.1:8332');
  if (!/^https?:$/.test(new URL(text).protocol)) problem('must begin with http:// or https://');
});

/** A node: its URL with user and password, or its URL and the cookie file that it writes at each start. */
const node = z
  .union([nodeUrl, z.strictObject({ url: nodeUrl, cookieFile: z.string().min(1) })])
  .transform((given) => (typeof given === 'string' ? { url: given, cookieFile: undefined } : given));

const payout = z
  .strictObject({
    address: z.string().min(1).max(128).optional(),
    script: z
      .string()
      .max(MAX_SCRIPT_HEX)
      .regex(/^([0-9a-f]{2})+$/i, 'must be hex')
      .optional(),
    percent: z.number().refine((percent) => partsOfPercent(percent) !== undefined, {
      message: 'must be 0.0001 to 100 with at most four decimals',
    }),
  })
  .refine(({ address, script }) => (address === undefined) !== (script === undefined), {
    message: 'needs either an address or a script',
  });

const seconds = (least: number, most: number, usual: number): z.ZodDefault<z.ZodNumber> =>
  z.number().min(least).max(most).default(usual);

export const nodeSourceSchema = z.strictObject({
  type: z.literal('node'),
  coin: z.enum(['bitcoin', 'litecoin']),
  /** In order of preference. */
  urls: z.array(node).min(1).max(8),
  payouts: z
    .array(payout)
    .min(1)
    .max(MAX_PAYOUTS)
    .refine((list) => list.reduce((sum, { percent }) => sum + (partsOfPercent(percent) ?? 0), 0) === PARTS_PER_WHOLE, {
      message: 'must add up to 100 percent',
    }),
  /** Text in the coinbase that names the pool. */
  tag: z
    .string()
    .default('/assay/')
    .refine((text) => Buffer.byteLength(text) <= MAX_TAG_BYTES, { message: `must be at most ${MAX_TAG_BYTES} bytes` }),
  /** How often each node is asked for its best block and its health, besides its long poll. */
  pollSeconds: seconds(0.05, 60, 1),
  /** A new job with the transactions and fees of the moment at least this often. */
  refreshSeconds: seconds(1, 55, 30),
  /** A node that does not answer a question for this long is away. */
  timeoutSeconds: seconds(0.1, 120, 10),
  /** A node with fewer peers gives no work: it would mine alone. */
  minPeers: z.number().int().min(0).max(100).default(1),
  /** A node that has been below another's height for this long gives no work. */
  behindSeconds: seconds(0, 3600, 30),
  /** A better node must have been in order for this long before work comes from it again. */
  failBackSeconds: seconds(0, 86_400, 60),
  /** With every node away, work on the last template goes on for this long. */
  awaySeconds: seconds(0, 3600, 30),
  /** A found block is offered to nodes that are away for this long. */
  submitSeconds: seconds(1, 86_400, 600),
});

export type NodeSourceSettings = z.output<typeof nodeSourceSchema>;
export type NodePayout = NodeSourceSettings['payouts'][number];
