// Apache Kafka 4 on loopback: one broker, or three that replicate, each broker and controller in one process (KRaft).
// A broker that was killed starts again on its own port and data.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePorts } from '../free-ports.ts';
import { ManagedProcess } from '../managed-process.ts';
import { requirePrograms } from '../programs.ts';
import { brokerConfig, type BrokerAddresses, type KafkaUser, type SecureListeners } from './broker-config.ts';
import { kafkaJars } from './kafka-jars.ts';
import { makeKafkaTls } from './kafka-tls.ts';

const LOG4J = fileURLToPath(new URL('../../kafka/log4j2.properties', import.meta.url));
// Any id will do, but all brokers must have the same.
const CLUSTER_ID = 'assay-loopback-cluster';
const START_TIMEOUT_MS = 120_000;

export interface KafkaOptions {
  /** Data, settings and logs of the brokers; created if missing. */
  readonly dir: string;
  readonly brokers: 1 | 3;
  /** Adds a listener with TLS and one with TLS and SASL, where this user may log in. */
  readonly user?: KafkaUser;
  /** More users of the listener with SASL, by SCRAM. */
  readonly moreUsers?: readonly KafkaUser[];
  /** Settings of the brokers that win over ours, e.g. an authorizer. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Heap of each broker, MiB; 512 by default. */
  readonly heapMiB?: number;
}

export interface Kafka {
  /** host:port of every broker. */
  readonly bootstrap: string[];
  readonly brokers: readonly ManagedProcess[];
  /** The listeners with TLS, when a user was given. */
  readonly secure:
    { readonly ca: string; readonly tls: string[]; readonly sasl: string[]; readonly user: KafkaUser } | undefined;
  /** Ends all brokers, without waiting for their orderly way out. */
  stop(): Promise<void>;
}

/** Fetches the jars when they are missing, formats new data directories and resolves once all brokers serve. */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const { dir, brokers: count, user } = options;
  requirePrograms('java');
  const jars = await kafkaJars();
  await mkdir(dir, { recursive: true });
  const secure = user === undefined ? undefined : { tls: await makeKafkaTls(dir), user };
  const addresses: BrokerAddresses[] = [];
  for (let id = 1; id <= count; id++) {
    const [plain, controller, tls, sasl] = (await freePorts(4)) as [number, number, number, number];
    addresses.push({ id, plain, controller, tls, sasl });
  }
  const brokers = await Promise.all(addresses.map((own) => prepare(options, jars, own, addresses, secure)));
  const stop = async (): Promise<void> => void (await Promise.all(brokers.map((broker) => broker.kill())));
  try {
    await Promise.all(brokers.map((broker) => broker.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  const urls = (port: 'plain' | 'tls' | 'sasl'): string[] => addresses.map((each) => `127.0.0.1:${each[port]}`);
  return {
    bootstrap: urls('plain'),
    brokers,
    secure: secure && { ca: secure.tls.ca, tls: urls('tls'), sasl: urls('sasl'), user: secure.user },
    stop,
  };
}

async function prepare(
  { dir, heapMiB = 512, moreUsers = [], settings = {} }: KafkaOptions,
  jars: string,
  own: BrokerAddresses,
  all: readonly BrokerAddresses[],
  secure: SecureListeners | undefined,
): Promise<ManagedProcess> {
  const name = `kafka-${own.id}`;
  const home = join(dir, name);
  const dataDir = join(home, 'data');
  const configFile = join(home, 'server.properties');
  await mkdir(home, { recursive: true });
  await writeFile(configFile, brokerConfig(dataDir, own, all, secure, settings));
  const java = [`-Xmx${heapMiB}m`, '-XX:+UseSerialGC', '-cp', join(jars, '*')];
  if (!existsSync(join(dataDir, 'meta.properties')))
    await format(java, configFile, secure === undefined ? [] : [secure.user, ...moreUsers]);
  return new ManagedProcess({
    name,
    command: 'java',
    args: [
      ...java,
      `-Dassay.broker.log=${join(home, 'broker.log')}`,
      `-Dlog4j2.configurationFile=${LOG4J}`,
      'kafka.Kafka',
      configFile,
    ],
    isReady: (output) => output.includes('Kafka Server started'),
    startTimeoutMs: START_TIMEOUT_MS,
  });
}

async function format(java: readonly string[], configFile: string, users: readonly KafkaUser[]): Promise<void> {
  const scram = (mechanism: string): string[] =>
    users.flatMap(({ username, password }) => ['--add-scram', `${mechanism}=[name=${username},password=${password}]`]);
  await promisify(execFile)('java', [
    ...java,
    ...['kafka.tools.StorageTool', 'format', '--config', configFile, '--cluster-id', CLUSTER_ID],
    ...scram('SCRAM-SHA-256'),
    ...scram('SCRAM-SHA-512'),
  ]);
}
