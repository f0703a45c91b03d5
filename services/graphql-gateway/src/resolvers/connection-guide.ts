// How to point a miner at this pool: the addresses it can be reached at.
import { networkInterfaces } from 'node:os';
import type { GraphqlGatewayConfig } from '../config.ts';

export function connectionGuide(config: GraphqlGatewayConfig): object {
  return {
    urls: stratumUrls(config),
    stratumPort: config.stratumPort,
    minimumDifficulty: config.minimumDifficulty,
    demo: config.demo,
  };
}

/** What the settings say, or else every address of this machine that the pool listens on. */
function stratumUrls({ stratumUrls: configured, host, stratumPort }: GraphqlGatewayConfig): string[] {
  const given = configured.split(',').map((url) => url.trim());
  if (configured.trim() !== '') return given.filter((url) => url !== '');
  const hosts = host === '0.0.0.0' || host === '::' ? reachableAddresses() : [host];
  return hosts.map((address) => `stratum+tcp://${address.includes(':') ? `[${address}]` : address}:${stratumPort}`);
}

/** IPv4 addresses other machines can use, then loopback. */
function reachableAddresses(): string[] {
  const external = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  );
  return [...external, '127.0.0.1'];
}
