// Settings of the cluster setting: the process that a service is, and the servers it stands on. One table for each, so that every
// service reads them alike. The tables of the services themselves are the same in both settings.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { LogLevel } from './logger.ts';
import { observabilitySettings } from './observability-settings.ts';
import { secretsSettings } from './sealer.ts';
import { defineSettings, flag, secret, setting, SettingsError, whole, type SettingsOf } from './settings.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const satisfies readonly LogLevel[];

export const logLevelSetting = setting(
  'ASSAY_LOG_LEVEL',
  z.enum(LEVELS),
  'warn',
  `Least severe log lines written: ${LEVELS.join(', ')}.`,
);

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);
const httpUrl = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'expected http://host:port or https://host:port');
const redisUrl = z
  .string()
  .refine(
    (text) => /^rediss?:\/\//.test(text) && URL.canParse(text),
    'expected redis://host:port, or rediss:// for TLS, with user:password@ before the host where Redis asks for them',
  );

export const processSettings = defineSettings({
  host: setting(
    'ASSAY_HOST',
    z.string().min(1),
    '127.0.0.1',
    'Address that the ports of the service listen on. `0.0.0.0` lets other machines in.',
  ),
  opsHost: setting(
    'ASSAY_OPS_HOST',
    z.string(),
    '',
    'Address that the ops port listens on; empty means that of `ASSAY_HOST`.',
  ),
  opsPort: setting(
    'ASSAY_OPS_PORT',
    whole(0, 65535),
    9464,
    'TCP port for `/healthz`, `/readyz` and `/metrics`; 0 picks a free one. graphql-gateway has them on `ASSAY_HTTP_PORT`.',
  ),
  drainSeconds: setting(
    'ASSAY_DRAIN_SECONDS',
    whole(1, 3600),
    25,
    'How long a service that was asked to stop may finish what is under way; then it ends with status 1 and a log line that names what was left. Kubernetes waits 30 s.',
  ),
  logLevel: logLevelSetting,
});

export const kafkaSettings = defineSettings({
  brokers: setting(
    'ASSAY_KAFKA_BROKERS',
    list.refine((brokers) => brokers.length > 0 && brokers.every((broker) => /^.+:\d{1,5}$/.test(broker)), {
      message: 'expected host:port, or several with commas between them',
    }),
    '127.0.0.1:9092',
    'Kafka brokers to ask first, `host:port`, comma-separated.',
  ),
  tls: setting('ASSAY_KAFKA_TLS', flag, false, 'Whether to speak TLS to Kafka.'),
  tlsCaFile: setting(
    'ASSAY_KAFKA_TLS_CA_FILE',
    z.string(),
    '',
    "PEM file of the certificate authority that signed the brokers' certificates; empty means those Node trusts.",
  ),
  tlsCertFile: setting(
    'ASSAY_KAFKA_TLS_CERT_FILE',
    z.string(),
    '',
    'PEM file of the certificate to show to brokers, where they ask for one.',
  ),
  tlsKeyFile: setting('ASSAY_KAFKA_TLS_KEY_FILE', z.string(), '', 'PEM file of its key.'),
  saslMechanism: setting(
    'ASSAY_KAFKA_SASL_MECHANISM',
    z.enum(['', 'plain', 'scram-sha-256', 'scram-sha-512']),
    '',
    'How to log in to Kafka: `plain`, `scram-sha-256` or `scram-sha-512`; empty does not.',
  ),
  saslUsername: setting('ASSAY_KAFKA_SASL_USERNAME', z.string(), '', 'Who to log in as.'),
  saslPassword: secret('ASSAY_KAFKA_SASL_PASSWORD', z.string(), '', 'Its password.'),
  compression: setting(
    'ASSAY_KAFKA_COMPRESSION',
    z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']),
    'none',
    'How records are compressed in Kafka: `none`, `lz4` (the quickest), `snappy`, `gzip`, or `zstd` (the smallest; Node 22.15 or newer).',
  ),
});

export const redisSettings = defineSettings({
  url: secret('ASSAY_REDIS_URL', redisUrl, 'redis://127.0.0.1:6379', 'Redis of the live state.'),
  keyPrefix: setting(
    'ASSAY_REDIS_PREFIX',
    z.string().regex(/^[A-Za-z0-9:_.-]{0,64}$/, 'may hold letters, digits and : _ . - only'),
    'assay:',
    'What the names of all keys in Redis begin with; its own for every pool that shares a Redis.',
  ),
});

export const clickHouseSettings = defineSettings({
  url: setting('ASSAY_CLICKHOUSE_URL', httpUrl, 'http://127.0.0.1:8123', 'HTTP interface of ClickHouse.'),
  username: setting(
    'ASSAY_CLICKHOUSE_USER',
    z.string().min(1),
    'default',
    'User of the service; migrator and aggregator write, graphql-gateway only reads.',
  ),
  password: secret('ASSAY_CLICKHOUSE_PASSWORD', z.string(), '', 'Its password.'),
});

/** Every service of a cluster takes these, whether it uses them or not, so that one set of variables serves all. */
export const CLUSTER_SETTINGS = [
  processSettings,
  kafkaSettings,
  redisSettings,
  clickHouseSettings,
  secretsSettings,
  observabilitySettings,
];

export interface KafkaConnection {
  readonly brokers: string[];
  readonly ssl?: true | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
}

/** The settings as the Kafka adapter takes them. Throws SettingsError when a file cannot be read or what belongs together is not. */
export function kafkaConnection(settings: SettingsOf<typeof kafkaSettings>): KafkaConnection {
  const { brokers, compression, tls, tlsCaFile, tlsCertFile, tlsKeyFile } = settings;
  if (!tls && (tlsCaFile !== '' || tlsCertFile !== '' || tlsKeyFile !== ''))
    throw new SettingsError('ASSAY_KAFKA_TLS is false, but a file for TLS is named: set ASSAY_KAFKA_TLS=true.');
  if ((tlsCertFile === '') !== (tlsKeyFile === ''))
    throw new SettingsError('ASSAY_KAFKA_TLS_CERT_FILE and ASSAY_KAFKA_TLS_KEY_FILE belong together: set both.');
  const files = {
    ...pem('ca', 'ASSAY_KAFKA_TLS_CA_FILE', tlsCaFile),
    ...pem('cert', 'ASSAY_KAFKA_TLS_CERT_FILE', tlsCertFile),
    ...pem('key', 'ASSAY_KAFKA_TLS_KEY_FILE', tlsKeyFile),
  };
  return {
    brokers,
    compression,
    ...(tls ? { ssl: Object.keys(files).length === 0 ? (true as const) : files } : {}),
    ...saslOf(settings),
  };
}

function saslOf(settings: SettingsOf<typeof kafkaSettings>): Pick<KafkaConnection, 'sasl'> {
  const { saslMechanism: mechanism, saslUsername: username, saslPassword: password } = settings;
  if (mechanism !== '') {
    if (username !== '' && password !== '') return { sasl: { mechanism, username, password } };
    throw new SettingsError(
      'ASSAY_KAFKA_SASL_MECHANISM needs ASSAY_KAFKA_SASL_USERNAME and ASSAY_KAFKA_SASL_PASSWORD as well.',
    );
  }
  if (username === '' && password === '') return {};
  throw new SettingsError('ASSAY_KAFKA_SASL_USERNAME or its password is set without ASSAY_KAFKA_SASL_MECHANISM.');
}

function pem(name: 'ca' | 'cert' | 'key', variable: string, file: string): { readonly [name: string]: string } {
  if (file === '') return {};
  try {
    return { [name]: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new SettingsError(`${variable}=${JSON.stringify(file)} cannot be read: ${(error as Error).message}.`);
  }
}
