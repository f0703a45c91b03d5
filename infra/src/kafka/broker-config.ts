// The server.properties of one broker, which is also a controller (KRaft, combined mode).
import type { KafkaTls } from './kafka-tls.ts';

export interface BrokerAddresses {
  readonly id: number;
  readonly plain: number;
  readonly controller: number;
  /** Ports of the listeners with TLS alone, and with TLS and SASL. */
  readonly tls: number;
  readonly sasl: number;
}

export interface KafkaUser {
  readonly username: string;
  readonly password: string;
}

export interface SecureListeners {
  readonly tls: KafkaTls;
  /** May log in with PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly user: KafkaUser;
}

const HOST = '127.0.0.1';

export function brokerConfig(
  dataDir: string,
  own: BrokerAddresses,
  all: readonly BrokerAddresses[],
  secure: SecureListeners | undefined,
  more: Readonly<Record<string, string>>,
): string {
  const replicas = Math.min(3, all.length);
  const listeners: [string, string, number][] = [
    ['PLAIN', 'PLAINTEXT', own.plain],
    ['CONTROLLER', 'PLAINTEXT', own.controller],
    ...(secure === undefined
      ? []
      : ([
          ['TLS', 'SSL', own.tls],
          ['SASL', 'SASL_SSL', own.sasl],
        ] satisfies [string, string, number][])),
  ];
  const urls = listeners.map(([name, , port]) => `${name}://${HOST}:${port}`);
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': own.id,
    'controller.quorum.voters': all.map((each) => `${each.id}@${HOST}:${each.controller}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAIN',
    listeners: urls.join(','),
    'advertised.listeners': urls.filter((url) => !url.startsWith('CONTROLLER')).join(','),
    'listener.security.protocol.map': listeners.map(([name, protocol]) => `${name}:${protocol}`).join(','),
    'log.dirs': dataDir,

    // A topic nobody created is an error here, not a topic with settings nobody chose.
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.max(1, replicas - 1),
    'transaction.state.log.num.partitions': 1,

    // Small machines and tests: groups form at once, dead members and brokers are missed soon, retention acts within a second.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'broker.session.timeout.ms': 5_000,
    'broker.heartbeat.interval.ms': 1_000,
    'log.retention.check.interval.ms': 500,
    'log.initial.task.delay.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16 * 2 ** 20,

    // What the adapter's limits ask for (a record of 4 MiB, an append of 16 MiB), with room for headers.
    'message.max.bytes': 20 * 2 ** 20,
    'replica.fetch.max.bytes': 20 * 2 ** 20,
  };
  if (secure !== undefined) Object.assign(settings, secureSettings(secure));
  return Object.entries({ ...settings, ...more })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function secureSettings({ tls, user }: SecureListeners): Record<string, string> {
  const jaas = (module: string, options = ''): string =>
    `org.apache.kafka.common.security.${module} required${options};`;
  const scram = jaas('scram.ScramLoginModule');
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': tls.keyAndCertFile,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl.plain.sasl.jaas.config': jaas(
      'plain.PlainLoginModule',
      ` user_${user.username}="${user.password}"`,
    ),
    'listener.name.sasl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl.scram-sha-512.sasl.jaas.config': scram,
  };
}
