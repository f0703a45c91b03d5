import { describe, expect, it } from 'vitest';
import { inNetworks, networkList, sourceName } from './networks.ts';

describe('networks', () => {
  it('hold their addresses, of both families and in both spellings', () => {
    const inside = inNetworks(networkList.parse('10.0.0.0/8, 192.0.2.7,2001:db8::/32'))!;
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8:ffff::1'])
      expect([address, inside(address)]).toEqual([address, true]);
    for (const address of ['11.0.0.1', '192.0.2.8', '2001:db9::1', 'nonsense'])
      expect([address, inside(address)]).toEqual([address, false]);
  });

  it('are refused when they are none', () => {
    for (const text of ['10.0.0.0/33', '::/129', 'example.org', '10.0.0', '10.0.0.0/8 10.1.0.0/16'])
      expect(networkList.safeParse(text).success).toBe(false);
    expect(inNetworks(networkList.parse(' , '))).toBeUndefined();
  });
});

describe('sourceName', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:0:0:0:9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ])('%s counts as %s', (address, name) => expect(sourceName(address)).toBe(name));
});
