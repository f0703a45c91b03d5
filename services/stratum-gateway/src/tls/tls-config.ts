// Settings of the gateway's TLS port: whether there is one, whose certificate it shows, and what handshakes may cost.
import { isIP } from 'node:net';
import { defineSettings, setting, whole } from '@assay/platform';
import { z } from 'zod';

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*$/i;

export const tlsSettings = defineSettings({
  stratumTls: setting(
    'ASSAY_STRATUM_TLS',
    z.enum(['files', 'self-signed']),
    'files',
    'Whose certificate the TLS port for stratum shows: `files`, that of the files below, and without them there is no such port; `self-signed`, one of our own, made once and kept.',
  ),
  stratumTlsPort: setting(
    'ASSAY_STRATUM_TLS_PORT',
    whole(0, 65535),
    3334,
    'TCP port for stratum over TLS; 0 picks a free one.',
  ),
  stratumTlsCertFile: setting(
    'ASSAY_STRATUM_TLS_CERT_FILE',
    z.string(),
    '',
    'PEM file of the certificate and those that lead to its authority. A file that changes is taken within seconds, without a restart.',
  ),
  stratumTlsKeyFile: setting('ASSAY_STRATUM_TLS_KEY_FILE', z.string(), '', 'PEM file of its private key.'),
  stratumTlsDir: setting(
    'ASSAY_STRATUM_TLS_DIR',
    z.string(),
    '',
    'Directory where our own certificate is kept; empty means `tls` in the data directory, `./data/tls` for a gateway as a process.',
  ),
  stratumTlsNames: setting(
    'ASSAY_STRATUM_TLS_NAMES',
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      )
      .refine(
        (names) => names.every((name) => isIP(name) !== 0 || HOST_NAME.test(name)),
        'expected host names and addresses with commas between',
      ),
    '',
    'Host names and addresses in our own certificate; empty means those of this machine.',
  ),
  stratumTlsClients: setting(
    'ASSAY_STRATUM_TLS_CLIENTS',
    z.enum(['off', 'optional', 'required']),
    'off',
    'Whether miners are asked for a certificate: `optional` writes its name to the log, `required` also turns away who has none of the authority below.',
  ),
  stratumTlsClientCaFile: setting(
    'ASSAY_STRATUM_TLS_CLIENT_CA_FILE',
    z.string(),
    '',
    "PEM file of the authority that signs miners' certificates.",
  ),
  tlsHandshakeSeconds: setting(
    'ASSAY_TLS_HANDSHAKE_SECONDS',
    whole(1, 300),
    15,
    'Time for a TLS handshake, waiting for its turn not counted; after it the connection is closed.',
  ),
  tlsHandshakesPerSecond: setting(
    'ASSAY_TLS_HANDSHAKES_PER_SECOND',
    whole(1, 100_000),
    400,
    'TLS handshakes begun per second, so that a flood of them leaves the time to answer shares; others wait for their turn, addresses in turn.',
  ),
  maxTlsHandshakes: setting(
    'ASSAY_MAX_TLS_HANDSHAKES',
    whole(1, 1_000_000),
    10_000,
    'Connections that may be before or in their TLS handshake; beyond, new ones are closed.',
  ),
});
