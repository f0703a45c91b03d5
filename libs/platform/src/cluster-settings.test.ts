import { describe, expect, it } from 'vitest';
import { clickHouseSettings, kafkaConnection, kafkaSettings, redisSettings } from './cluster-settings.ts';
import { parseSettings } from './settings.ts';

const kafka = (env: NodeJS.ProcessEnv) => kafkaConnection(parseSettings(kafkaSettings, env));

describe('cluster settings', () => {
  it('make a connection to Kafka', () => {
    expect(kafka({ ASSAY_KAFKA_BROKERS: 'a:9092, b:9093' })).toEqual({
      brokers: ['a:9092', 'b:9093'],
      compression: 'none',
    });
    const secured = {
      ASSAY_KAFKA_TLS: 'true',
      ASSAY_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      ASSAY_KAFKA_SASL_USERNAME: 'assay',
      ASSAY_KAFKA_SASL_PASSWORD: 'secret',
    };
    expect(kafka(secured)).toMatchObject({
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'assay', password: 'secret' },
    });
  });

  it('refuse what cannot be meant', () => {
    expect(() => kafka({ ASSAY_KAFKA_BROKERS: 'kafka' })).toThrow(/expected host:port/);
    expect(() => kafka({ ASSAY_KAFKA_TLS_CA_FILE: '/ca.pem' })).toThrow(/set ASSAY_KAFKA_TLS=true/);
    expect(() => kafka({ ASSAY_KAFKA_TLS: 'true', ASSAY_KAFKA_TLS_CERT_FILE: '/c.pem' })).toThrow(/belong together/);
    expect(() => kafka({ ASSAY_KAFKA_TLS: 'true', ASSAY_KAFKA_TLS_CA_FILE: '/nowhere.pem' })).toThrow(/cannot be read/);
    expect(() => kafka({ ASSAY_KAFKA_SASL_MECHANISM: 'plain' })).toThrow(/ASSAY_KAFKA_SASL_USERNAME/);
    expect(() => kafka({ ASSAY_KAFKA_SASL_USERNAME: 'assay' })).toThrow(/without ASSAY_KAFKA_SASL_MECHANISM/);
    expect(() => parseSettings(redisSettings, { ASSAY_REDIS_URL: 'localhost:6379' })).toThrow(/expected redis:/);
    expect(() => parseSettings(clickHouseSettings, { ASSAY_CLICKHOUSE_URL: 'localhost:8123' })).toThrow(
      /expected http:/,
    );
  });
});
