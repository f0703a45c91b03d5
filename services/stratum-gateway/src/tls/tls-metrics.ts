// What the TLS ports show of themselves; zeros where there are none.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { TlsDoor } from './tls-door.ts';

const PREFIX = 'assay_stratum_gateway_tls_';

export function registerTlsMetrics(registry: Registry, door: TlsDoor | undefined): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number): void =>
    void new Gauge({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  new Counter({
    name: `${PREFIX}handshakes_total`,
    help: 'TLS handshakes done.',
    registers,
    collect() {
      this.reset();
      this.inc(door?.secured ?? 0);
    },
  });
  gauge('waiting', 'Connections before or in their TLS handshake.', () => door?.waiting ?? 0);
  gauge(
    'certificate_expires_timestamp_seconds',
    'When the certificate that is shown ends, Unix time; 0 without TLS.',
    () => door?.certificates.expiresSeconds ?? 0,
  );
  gauge('certificate_not_taken', '1 while there is a newer certificate in the files that cannot be used.', () =>
    door?.certificates.trouble === undefined ? 0 : 1,
  );
}
