// Settings of the gateway's defence: who may come, how much each may ask for, and what an address must do to be banned.
// Every limit names what happens at it; docs/defence.md says why they are what they are.
import { defineSettings, setting, whole } from '@assay/platform';
import { z } from 'zod';
import { networkList } from '../miners/networks.ts';

const perSecond = z.coerce.number().min(0.1).max(10_000_000);

export const defenceSettings = defineSettings({
  allowFrom: setting(
    'ASSAY_ALLOW_FROM',
    networkList,
    '',
    'Networks (10.0.0.0/8,fd00::/8) from which miners may come, and only from there; they are never banned. Empty lets everybody in.',
  ),
  denyFrom: setting(
    'ASSAY_DENY_FROM',
    networkList,
    '',
    'Networks whose connections are closed at once, also where the setting above holds them.',
  ),
  neverBanFrom: setting(
    'ASSAY_NEVER_BAN_FROM',
    networkList,
    '',
    'Networks that are never banned, whatever comes from them, such as a load balancer that does not say whose connections it passes on.',
  ),

  submitsPerSecondPerAddress: setting(
    'ASSAY_SUBMITS_PER_SECOND_PER_ADDRESS',
    perSecond,
    20_000,
    'Submits and other requests per second of all connections from one address, with a burst of four times as many; beyond, shares are rejected as `rate_limited` and other requests refused.',
  ),
  submitsPerSecondPerTenant: setting(
    'ASSAY_SUBMITS_PER_SECOND_PER_TENANT',
    perSecond,
    20_000,
    'Submits per second of all workers of a tenant at this gateway, with a burst of four times as many; beyond, they are rejected as `rate_limited`.',
  ),
  submitsPerSecondPerWorker: setting(
    'ASSAY_SUBMITS_PER_SECOND_PER_WORKER',
    perSecond,
    10_000,
    'Submits per second of one worker over all its connections at this gateway, likewise. A whole farm may mine under one name.',
  ),

  banPoints: setting(
    'ASSAY_BAN_POINTS',
    whole(0, 10_000_000),
    600,
    'Points at which an address is banned: a share that no good miner sends, a malformed line or a connection that never asks anything is one, and half are forgotten every minute. Nobody is banned while it sends a good share for every four points. 0 bans nobody.',
  ),
  banGuesses: setting(
    'ASSAY_BAN_GUESSES',
    whole(0, 1_000_000),
    50,
    'Different wrong secrets, less the half that are forgotten every ten minutes, at which an address is banned, whatever good shares it sends. 0 bans nobody for it.',
  ),
  banSeconds: setting(
    'ASSAY_BAN_SECONDS',
    whole(1, 86_400),
    60,
    'How long the connections of a banned address are refused; twice as long with every ban that follows.',
  ),
  banMaxSeconds: setting(
    'ASSAY_BAN_MAX_SECONDS',
    whole(1, 604_800),
    3600,
    'Longest ban. An address that stays out of trouble for as long after a ban starts anew.',
  ),

  lineSeconds: setting(
    'ASSAY_LINE_SECONDS',
    whole(1, 3600),
    20,
    'Time from the first byte of a line to its end; a line that trickles in for longer closes the connection.',
  ),
  maxBufferedBytes: setting(
    'ASSAY_MAX_BUFFERED_BYTES',
    whole(1_048_576, 1_099_511_627_776),
    268_435_456,
    'Bytes held for all connections together, unfinished lines and answers not read; beyond, new connections are closed and those that hold most are too.',
  ),
  maxMemoryMb: setting(
    'ASSAY_MAX_MEMORY_MB',
    whole(0, 1_048_576),
    0,
    'Memory of the process (without files mapped into it), MiB, above which new connections are closed while those there are go on; 0 takes three quarters of what the container or machine has.',
  ),
});
