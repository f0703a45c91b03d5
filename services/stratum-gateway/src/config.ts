// Every setting of the stratum gateway, in one table: how it is parsed, its default, and what happens at its limit.
import { defineSettings, secret, setting, whole, type SettingsOf } from '@assay/platform';
import { hexFromUint32 } from '@assay/kernel';
import { EXTRANONCE1_BYTES, MAX_DIFFICULTY, MIN_DIFFICULTY, VERSION_ROLLING_MASK } from '@assay/mining';
import { z } from 'zod';
import { defenceSettings } from './defence/defence-config.ts';
import { networkList } from './miners/networks.ts';
import { tlsSettings } from './tls/tls-config.ts';

const difficulty = z.coerce.number().min(MIN_DIFFICULTY).max(MAX_DIFFICULTY);
/** Hex of 32 bits, as a number. */
const word = z
  .string()
  .regex(/^[0-9a-f]{1,8}$/i, 'must be at most eight hex digits')
  .transform((text) => parseInt(text, 16));

export const gatewaySettings = defineSettings({
  host: setting('ASSAY_HOST', z.string().min(1), '127.0.0.1', 'Address to listen on; loopback only unless widened.'),
  stratumPort: setting('ASSAY_STRATUM_PORT', whole(0, 65535), 3333, 'TCP port for stratum; 0 picks a free one.'),
  gatewayName: setting(
    'ASSAY_GATEWAY_NAME',
    z.string().regex(/^[A-Za-z0-9._-]{1,63}$/),
    'gateway-1',
    'Name of this gateway in share blocks and events; its own for every gateway.',
  ),
  algorithm: setting(
    'ASSAY_ALGORITHM',
    z.enum(['sha256d', 'scrypt']),
    'sha256d',
    'Proof of work of the stratum port: `sha256d` or `scrypt`.',
  ),
  extranonce1Bytes: setting(
    'ASSAY_EXTRANONCE1_BYTES',
    whole(1, 4),
    EXTRANONCE1_BYTES,
    'Bytes of extranonce1, which tells connections apart: with 2 there can be 65,536. An upstream pool must leave as much room as both extranonces take.',
  ),
  extranonce2Bytes: setting(
    'ASSAY_EXTRANONCE2_BYTES',
    whole(2, 8),
    4,
    'Bytes of extranonce2. Some miners have 4 built in, rental markets need at least as many; proxies that divide it among machines like 8, the most that old firmware takes; fewer only where an upstream pool leaves no more.',
  ),
  versionMask: setting(
    'ASSAY_VERSION_MASK',
    word,
    hexFromUint32(VERSION_ROLLING_MASK),
    'Version bits miners may roll (BIP320), hex; 0 allows none.',
  ),

  minDifficulty: setting(
    'ASSAY_MIN_DIFFICULTY',
    difficulty,
    0.00001,
    'Lowest difficulty a worker can get; wishes below it get it.',
  ),
  maxDifficulty: setting('ASSAY_MAX_DIFFICULTY', difficulty, MAX_DIFFICULTY, 'Highest difficulty a worker can get.'),
  startDifficulty: setting(
    'ASSAY_START_DIFFICULTY',
    difficulty,
    0.001,
    'Where a miner starts of which nothing is known.',
  ),
  startDifficultyRolling: setting(
    'ASSAY_START_DIFFICULTY_ROLLING',
    difficulty,
    512,
    'Where one starts that rolls versions, as only ASICs do.',
  ),
  sharesPerMinute: setting(
    'ASSAY_SHARES_PER_MINUTE',
    z.coerce.number().min(0.1).max(600),
    18,
    'Pace of shares per connection that vardiff aims at.',
  ),

  jobSeconds: setting(
    'ASSAY_JOB_SECONDS',
    whole(1, 55),
    30,
    'A new job at least this often; miners declare a pool dead that is silent for a minute.',
  ),
  blockSeconds: setting(
    'ASSAY_BLOCK_SECONDS',
    whole(0, 86_400),
    600,
    'Local jobs: a new previous block (clean jobs) this often; 0 for only on demand.',
  ),
  jobBranches: setting('ASSAY_JOB_BRANCHES', whole(0, 14), 12, 'Local jobs: merkle branches.'),
  jobNbits: setting('ASSAY_JOB_NBITS', word, '17021a91', 'Local jobs: network target in compact form, hex.'),

  lingerMs: setting(
    'ASSAY_LINGER_MS',
    whole(0, 1000),
    4,
    'How long a share may wait for others to share its append to the log, milliseconds; while shares come one by one they do not wait.',
  ),
  flushShares: setting(
    'ASSAY_FLUSH_SHARES',
    whole(1, 1024),
    256,
    'This many waiting shares are appended at once when the append before has finished.',
  ),
  maxPendingShares: setting(
    'ASSAY_MAX_PENDING_SHARES',
    whole(1, 4_194_304),
    65_536,
    'Shares that may wait for the log; beyond, submits are answered `share log unavailable`.',
  ),
  maxPendingEvents: setting(
    'ASSAY_MAX_PENDING_EVENTS',
    whole(1, 1_048_576),
    65_536,
    'Worker events that may wait for the log, and as many records of shares passed on upstream; beyond, new ones are dropped and counted.',
  ),

  latencyProbeSeconds: setting(
    'ASSAY_LATENCY_PROBE_SECONDS',
    whole(0, 3600),
    60,
    'How often each connection is asked for its version (`client.get_version`), to time the answer; 0 for never. One that answers neither of the first two is asked no more.',
  ),

  maxLineBytes: setting(
    'ASSAY_MAX_LINE_BYTES',
    whole(512, 1_048_576),
    8192,
    'Longest line a miner may send; a longer one closes the connection.',
  ),
  maxConnections: setting(
    'ASSAY_MAX_CONNECTIONS',
    whole(1, 1_000_000),
    20_000,
    'Open connections; beyond, new ones are closed.',
  ),
  maxConnectionsPerAddress: setting(
    'ASSAY_MAX_CONNECTIONS_PER_ADDRESS',
    whole(1, 1_000_000),
    20_000,
    'Open connections per address; beyond, new ones are closed. A site often comes from one address.',
  ),
  acceptsPerSecond: setting(
    'ASSAY_ACCEPTS_PER_SECOND',
    whole(1, 1_000_000),
    1000,
    'New connections per second and address, with a burst of ten times as many; beyond, they are closed.',
  ),
  maxWorkersPerConnection: setting(
    'ASSAY_MAX_WORKERS_PER_CONNECTION',
    whole(1, 100_000),
    256,
    'Workers authorized per connection; beyond, authorize is refused.',
  ),
  handshakeSeconds: setting(
    'ASSAY_HANDSHAKE_SECONDS',
    whole(1, 3600),
    60,
    'Time to subscribe and authorize; after it the connection is closed.',
  ),
  idleSeconds: setting('ASSAY_IDLE_SECONDS', whole(1, 86_400), 600, 'A miner silent for this long is closed.'),
  submitsPerSecond: setting(
    'ASSAY_SUBMITS_PER_SECOND',
    z.coerce.number().min(0.1).max(1_000_000),
    1000,
    'Submits per second and connection, with a burst of four times as many; beyond, they are rejected, and a flood of them closes the connection.',
  ),
  maxOutboundBytes: setting(
    'ASSAY_MAX_OUTBOUND_BYTES',
    whole(16_384, 67_108_864),
    262_144,
    'Bytes that may wait for a miner that does not read; beyond, it is closed.',
  ),
  maxBadLines: setting(
    'ASSAY_MAX_BAD_LINES',
    whole(1, 1_000_000),
    32,
    'Lines that are no stratum; the next one closes the connection.',
  ),

  proxyProtocolFrom: setting(
    'ASSAY_PROXY_PROTOCOL_FROM',
    networkList,
    '',
    "Proxies in front of the stratum port, as networks (10.0.0.0/8,fd00::/8): their connections must begin with a PROXY header, version 1 or 2, whose client address is then the miner's. Nobody else's header is believed.",
  ),

  upstreamUrl: setting(
    'ASSAY_UPSTREAM_URL',
    z.string(),
    '',
    'An upstream pool whose jobs machines get (stratum+tcp://host:port, stratum+ssl://host:port); several with commas between, in order of preference.',
  ),
  upstreamUser: setting(
    'ASSAY_UPSTREAM_USER',
    z.string(),
    '',
    "Account at the upstream pool; with {worker} or {path} in it, each worker's name is passed on.",
  ),
  upstreamPassword: secret('ASSAY_UPSTREAM_PASSWORD', z.string(), 'x', 'Password at the upstream pool.'),
  jobsFile: setting(
    'ASSAY_JOBS_FILE',
    z.string(),
    '',
    'JSON file of job sources, further ports, and who gets jobs from where (docs/jobs.md); jobs of our own when there is none.',
  ),
  workersFile: setting(
    'ASSAY_WORKERS_FILE',
    z.string(),
    '',
    'JSON file of workers: [{ "worker", "expectedHashRate", "secretHash" }]; a worker with a `secretHash` (npm run hash-secret prints it), or a plain `secret`, must give its secret.',
  ),
  ...defenceSettings,
  ...tlsSettings,
});

/** What a gateway in a process of its own has besides: a disk for when the log is away, and others that take its miners when it stops. */
export const gatewayProcessSettings = defineSettings({
  spoolDir: setting(
    'ASSAY_SPOOL_DIR',
    z.string().min(1),
    './data/spool',
    "Directory on the gateway's own disk where shares are kept while the log is away; its own for every gateway.",
  ),
  spoolMaxBytes: setting(
    'ASSAY_SPOOL_MAX_BYTES',
    whole(16_777_216, 1_099_511_627_776),
    4_294_967_296,
    'Bytes the spool may hold; beyond, submits are answered `share log unavailable`. The default holds an hour at 2,000 shares a second. The file takes up to twice as much and never shrinks.',
  ),
  spoolAfterMs: setting(
    'ASSAY_SPOOL_AFTER_MS',
    whole(50, 60_000),
    2000,
    'How long an append to the log may take before its shares are spooled, milliseconds; while the log is known to be away they are spooled at once.',
  ),
  drainMinersSeconds: setting(
    'ASSAY_DRAIN_MINERS_SECONDS',
    whole(0, 3600),
    10,
    'A gateway that stops asks its miners to reconnect and serves them for up to this long while they go; part of `ASSAY_DRAIN_SECONDS`.',
  ),
  reconnectsPerSecond: setting(
    'ASSAY_DRAIN_RECONNECTS_PER_SECOND',
    whole(1, 1_000_000),
    1000,
    'Miners asked to reconnect per second, more where they would not all be asked in three quarters of the time.',
  ),
});

/** Without the settings of a process of its own, the gateway is part of another process. */
export type GatewayConfig = SettingsOf<typeof gatewaySettings> & Partial<GatewayProcessConfig>;
export type GatewayProcessConfig = SettingsOf<typeof gatewayProcessSettings>;
