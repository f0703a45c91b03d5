// What miners call themselves comes to logs, SQL, GraphQL, pages and metrics. Whatever they send, what goes on record is plain, and what
// goes anywhere else is none of theirs.
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { parseUsername } from '@assay/tenancy';
import { eventually, gatewayFixture } from '../testing/fixture.ts';

const gateway = gatewayFixture();

const PLAIN_NAME = /^[A-Za-z0-9._+@:/=-]{1,127}$/;
const PLAIN_TEXT = /^[\x20-\x7e]{0,64}$/;
const MARK = 'HOSTILE';

const HOSTILE: readonly string[] = [
  `<script>alert("${MARK}")</script>`,
  `${MARK}'; DROP TABLE shares; --`,
  `${MARK}" onerror="x`,
  `${MARK}\nassay_fake_metric 1`,
  `${MARK}\r\n{"level":60,"msg":"forged"}`,
  `${MARK}\u0000\u001b[2J\u202e\u2028`,
  `${MARK}%0a%0dforged`,
  `${MARK}%3Cscript%3E`,
  `${MARK}%`,
  `${MARK}\ud800`,
  '${jndi:ldap://' + MARK + '}',
  `{{${MARK}}}`,
  `${MARK},x\t|`,
  `=HYPERLINK("${MARK}")`,
  `../../${MARK}\\..\\x`,
  MARK.repeat(40),
  '__proto__',
  'constructor.prototype',
  '',
];

describe('hostile names', () => {
  it('go on record plain or not at all, forge no line of the log, and are no label', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    await gateway.start({ banPoints: 0 }, { logger });
    const accepted: string[] = [];
    for (const name of HOSTILE) {
      const miner = await gateway.connect();
      await miner.call('mining.subscribe', [name, name]);
      const reply = await miner.call('mining.authorize', [name, name]);
      if (reply.result === true) accepted.push(name);
      // Every answer is one line of JSON, and none repeats what was sent.
      await miner.call(name, [name]);
      await miner.call('mining.suggest_difficulty', [name]);
      await miner.call('mining.submit', [name, name, name, name, name]);
      for (const line of miner.lines) expect(line).not.toContain(MARK);
      await miner.close();
    }
    // Names of no harm: what they mean elsewhere, JavaScript's objects are not keyed by them.
    expect(accepted).toEqual(['__proto__', 'constructor.prototype']);
    await gateway.running.gateway.ready();
    await gateway.ready('acme.good');
    await eventually(
      async () => (await gateway.running.events()).some((event) => 'worker' in event && event.worker === 'acme.good'),
      'the events',
    );
    for (const event of await gateway.running.events()) {
      if (!('worker' in event)) continue;
      expect(event.worker).toMatch(PLAIN_NAME);
      expect(event.tenant).toMatch(PLAIN_NAME);
      if (event.type === 'authorized') expect(event.userAgent).toMatch(PLAIN_TEXT);
    }
    for (const block of await gateway.running.blocks())
      for (const name of [...block.worker.values, ...block.tenant.values])
        if (name !== '') expect(name).toMatch(PLAIN_NAME);
    const metrics = await gateway.running.registry.metrics();
    expect(metrics).not.toMatch(/HOSTILE|fake_metric|__proto__|acme/);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('of any kind are refused, or are plain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (sent) => {
        const name = parseUsername(sent);
        if (name === undefined) return;
        for (const text of [name.worker, name.tenant]) expect(text).toMatch(PLAIN_NAME);
        for (const text of [name.site, name.path]) expect(text).toMatch(/^[A-Za-z0-9._+@:/=-]{0,127}$/);
      }),
    );
  });
});
