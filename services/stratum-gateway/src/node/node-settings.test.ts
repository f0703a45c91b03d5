import { expect, test } from 'vitest';
import { nodeSourceSchema } from './node-settings.ts';

const LEAST = {
  type: 'node',
  coin: 'bitcoin',
  urls: ['http://user:hush@127.0.0.1:8332'],
  payouts: [{ address: 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', percent: 100 }],
};

test('the least there must be, and what the rest is then', () => {
  expect(nodeSourceSchema.parse(LEAST)).toEqual({
    ...LEAST,
    urls: [{ url: LEAST.urls[0], cookieFile: undefined }],
    tag: '/assay/',
    pollSeconds: 1,
    refreshSeconds: 30,
    timeoutSeconds: 10,
    minPeers: 1,
    behindSeconds: 30,
    failBackSeconds: 60,
    awaySeconds: 30,
    submitSeconds: 600,
  });
});

test('a node may be known by its cookie file, and a payout by its script', () => {
  const urls = [{ url: 'https://node.example', cookieFile: '/run/bitcoin/.cookie' }];
  const payouts = [
    { script: '0014' + '11'.repeat(20), percent: 33.3333 },
    { script: '51', percent: 66.6667 },
  ];
  expect(nodeSourceSchema.parse({ ...LEAST, urls, payouts })).toMatchObject({ urls, payouts });
});

test.each<[string, object, string]>([
  ['an unknown coin', { coin: 'dogecoin' }, 'coin'],
  ['no node', { urls: [] }, 'urls'],
  ['no URL', { urls: ['127.0.0.1:hush'] }, 'urls.0'],
  ['another protocol', { urls: ['ftp://user:hush@127.0.0.1'] }, 'urls.0'],
  ['nobody to pay', { payouts: [] }, 'payouts'],
  ['less than everything', { payouts: [{ script: '51', percent: 99.9999 }] }, 'payouts'],
  [
    'more than everything',
    {
      payouts: [
        { script: '51', percent: 60 },
        { script: '52', percent: 60 },
      ],
    },
    'payouts',
  ],
  ['five decimals', { payouts: [{ script: '51', percent: 33.33333 }] }, 'payouts.0.percent'],
  ['no percentage', { payouts: [{ script: '51', percent: '100' }] }, 'payouts.0.percent'],
  ['address and script', { payouts: [{ script: '51', address: 'x', percent: 100 }] }, 'payouts.0'],
  ['neither', { payouts: [{ percent: 100 }] }, 'payouts.0'],
  ['half a byte', { payouts: [{ script: '511', percent: 100 }] }, 'payouts.0.script'],
  ['a tag of 41 bytes', { tag: 'ä'.repeat(20) + 'x' }, 'tag'],
  ['no poll', { pollSeconds: 0 }, 'pollSeconds'],
  ['what it does not know', { pool: 1 }, ''],
])('%s is refused', (_what, change, path) => {
  const { error } = nodeSourceSchema.safeParse({ ...LEAST, ...change });
  const issues = error!.issues.map((issue) => issue.path.join('.'));
  expect(issues.some((issue) => issue.startsWith(path))).toBe(true);
  expect(JSON.stringify(error!.issues)).not.toContain('hush');
});
