// Every dialect against a gateway's real socket, each quirk with a gateway of its own; and that the lab can fail.
import { readFileSync } from 'node:fs';
import { parseSettings } from '@assay/platform';
import { gatewaySettings } from '@assay/stratum-gateway';
import { describe, expect, it } from 'vitest';
import { parseScript, readScripts, type Quirk } from './dialect-script.ts';
import { GatewayPool, type Jobs } from './gateway-pool.ts';
import { playQuirk, type QuirkResult } from './play-quirk.ts';
import { WireRules } from './wire-rules.ts';

/** NerdMiner gives a pool up after 60 s without a line, cgminer after 60 to 90 s without a job; the pool is to be well below. */
const LONGEST_SILENCE_S = 30;

/** Shares that upstream pools credited, over all quirks. */
let passedOn = 0;

async function played(quirk: Quirk, rules = new WireRules(), jobs: Jobs = 'own'): Promise<QuirkResult> {
  const pool = await GatewayPool.start(quirk.pool, jobs);
  try {
    const result = await playQuirk(quirk, pool, rules);
    if (jobs === 'upstream, easy') {
      const { accepted, credited, refused } = await pool.creditedUpstream();
      expect({ credited, refused }, 'shares upstream').toEqual({ credited: accepted, refused: 0 });
      passedOn += credited;
    }
    return result;
  } finally {
    await pool.stop();
  }
}

/** An upstream pool caps the difficulty of its machines, so that one which wants every share leaves none to speak of. */
const namesDifficulty = ({ steps }: Quirk): boolean =>
  steps.some(
    ({ verb, text }) =>
      (verb === '~' || verb === '<' || verb === '?') && /set_difficulty","params|^difficulty/.test(text),
  ) || steps.some(({ text }) => /"d=|suggest_difficulty/.test(text));

describe.each(['own', 'upstream, easy', 'upstream, hard'] satisfies Jobs[])('jobs: %s', (jobs) => {
  describe.each(readScripts())('$name', ({ quirks }) => {
    const told = jobs === 'upstream, easy' ? quirks.filter((quirk) => !namesDifficulty(quirk)) : quirks;
    it.each(told)('$name: $claim', async (quirk) => {
      const rules = new WireRules();
      expect(await played(quirk, rules, jobs)).toEqual({ outcome: 'passed' });
      expect([...rules.broken]).toEqual([]);
    });
  });
});

describe('an upstream pool', () => {
  it('has credited shares of most firmware', () => expect(passedOn).toBeGreaterThan(40));
});

describe('docs/miners.md', () => {
  it('names every dialect that is a machine, a program or a market', () => {
    const page = readFileSync(new URL('../../../docs/miners.md', import.meta.url), 'utf8');
    const common = ['any-miner', 'small-clients'];
    for (const { name } of readScripts()) if (!common.includes(name)) expect(page).toContain(`\`${name}\``);
  });
});

describe('the gateway', () => {
  it('sends jobs as often as the most impatient firmware wants, where nothing is set', () => {
    expect(parseSettings(gatewaySettings, {}).jobSeconds).toBeLessThanOrEqual(LONGEST_SILENCE_S);
  });
});

describe('the lab', () => {
  const HEAD = 'firmware: f\nsource: s\nquirk: q\nclaim: c\nfrom: documents, d\n';
  const quirkOf = (steps: string): Quirk => parseScript('test', HEAD + steps).quirks[0]!;
  const SUBSCRIBE = '> {"id":1,"method":"mining.subscribe","params":[]}\n';
  const READY = `${SUBSCRIBE}> {"id":2,"method":"mining.authorize","params":["$user","x"]}\n~ {"id":1}\n~ {"id":2}\n~ {"method":"mining.notify"}\n`;

  it.each([
    ['another answer', `${SUBSCRIBE}< {"id":1,"result":["$any","$any",5]}`],
    ['another line first', `${SUBSCRIBE}< {"id":null}`],
    [
      'a share that is taken',
      `${READY}share\n> {"id":3,"method":"mining.submit","params":["$user","$job","$extranonce2","$ntime","$nonce"]}\n= refused 22 3`,
    ],
    [
      'a share that is refused',
      `${READY}share\n> {"id":3,"method":"mining.submit","params":["$user","$job","00","$ntime","$nonce"]}\n= accepted 3`,
    ],
    [
      'a line nobody expected',
      `${READY}> {"id":3,"method":"mining.suggest_difficulty","params":[5]}\n~ {"id":3}\nquiet`,
    ],
    ['another value', `${READY}? extranonce2 >= 9`],
    ['other shares on record', `${READY}ledger {"acme.lab.m1":{"accepted":1,"rejected":0}}`],
  ])('fails on %s', async (_, steps) => {
    expect(await played(quirkOf(steps))).toMatchObject({
      outcome: 'failed',
      problem: expect.stringMatching(/^line \d+: /),
    });
  });

  it.each([
    ['json', '{"method":"mining.notify","params":[]}'],
    ['whole errors', '{"id":1,"result":null,"error":[20,"Malformed Share r6"]}'],
    ['whole jobs', '{"id":null,"method":"mining.notify","params":["1","2"]}'],
    ['short lines', `{"id":1,"result":"${'x'.repeat(5000)}","error":null}`],
    ['whole difficulties', '{"id":null,"method":"mining.set_difficulty","params":[1.5]}'],
    ['extranonce2 of 2 to 8', '{"id":1,"result":[[],"ab",9],"error":null}'],
  ])('sees the rule of %s broken', (rule, raw) => {
    const rules = new WireRules();
    rules.hear({}, { raw, ...(JSON.parse(raw) as object) });
    expect([...rules.broken.keys()]).toContain(rule);
  });

  it('names what is no script', () => {
    expect(() => parseScript('test', `${HEAD}nonsense\n`)).toThrow('test.txt, line 6: no step: nonsense');
    expect(() => parseScript('test', HEAD)).toThrow('q expects nothing');
    expect(() => parseScript('test', HEAD.replace('documents', 'hearsay'))).toThrow('known from source');
  });
});
