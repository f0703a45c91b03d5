// Every setting of the GraphQL gateway, with its bound and its default. Parsed once at the start; nothing else reads the environment.
import { defineSettings, flag, secret, setting, whole, type SettingsOf } from '@assay/platform';
import { ROLES } from '@assay/tenancy';
import { z } from 'zod';
import { PASSWORD_PARAMETERS } from './identity/passwords.ts';
import { COST_PER_MINUTE, type CostPerMinute } from './operation/cost-budget.ts';

const ADDRESS_OR_NETWORK = /^[0-9A-Fa-f:.]+(\/\d{1,3})?$/;

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && /^(127\.|localhost$|\[::1\]$)/.test(hostname));
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Roles and what each may ask for; those not named keep what they have by default. */
function parseCosts(text: string, refuse: (message: string) => void): CostPerMinute {
  const costs = { ...COST_PER_MINUTE };
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [, name, values] = /^([a-z_]+)=(\d{1,12})$/.exec(entry) ?? [];
    const role = ROLES.find((each) => each === name);
    if (role === undefined)
      refuse(`expected role=values, with a role of ${ROLES.join(', ')}, not ${JSON.stringify(entry)}`);
    else costs[role] = Number(values);
  }
  return costs;
}

export const graphqlGatewaySettings = defineSettings({
  httpPort: setting(
    'ASSAY_HTTP_PORT',
    whole(0, 65535),
    8080,
    'TCP port for the dashboard, `/graphql`, `/healthz`, `/readyz` and `/metrics`; 0 picks a free one.',
  ),
  host: setting(
    'ASSAY_HOST',
    z.string().min(1),
    '127.0.0.1',
    'Address to listen on; `0.0.0.0` or `::` opens it to the network.',
  ),
  dashboardDir: setting(
    'ASSAY_DASHBOARD_DIR',
    z.string(),
    '',
    "Directory of the dashboard's built files; empty means `services/dashboard/dist` of this checkout.",
  ),
  introspection: setting('ASSAY_GRAPHQL_INTROSPECTION', flag, true, 'Whether clients may ask GraphQL for its schema.'),
  maxDepth: setting(
    'ASSAY_GRAPHQL_MAX_DEPTH',
    whole(1, 50),
    10,
    'How deep the fields of a GraphQL operation may nest.',
  ),
  maxComplexity: setting(
    'ASSAY_GRAPHQL_MAX_COMPLEXITY',
    whole(1, 100_000_000),
    250_000,
    'How many values the answer to one GraphQL operation may hold, by estimate before it runs.',
  ),
  costPerMinute: setting(
    'ASSAY_GRAPHQL_COST_PER_MINUTE',
    z.string().transform((text, context) => parseCosts(text, (message) => context.addIssue(message))),
    '',
    'How many values somebody may ask GraphQL for within a minute, by role, such as `customer=2000000,auditor=1000000`; the most generous of their roles counts. Roles left out keep theirs: ' +
      Object.entries(COST_PER_MINUTE)
        .map(([role, values]) => `\`${role}=${values}\``)
        .join(', ') +
      '.',
  ),
  maxAliases: setting(
    'ASSAY_GRAPHQL_MAX_ALIASES',
    whole(0, 1000),
    50,
    'How many aliases one GraphQL operation may use.',
  ),
  maxTokens: setting(
    'ASSAY_GRAPHQL_MAX_TOKENS',
    whole(10, 100_000),
    4000,
    'How many lexical tokens a GraphQL document may have.',
  ),
  maxBodyBytes: setting(
    'ASSAY_GRAPHQL_MAX_BODY_BYTES',
    whole(1024, 100_000_000),
    131_072,
    'Largest GraphQL request body or WebSocket message, bytes.',
  ),
  maxHttpConnections: setting(
    'ASSAY_HTTP_MAX_CONNECTIONS',
    whole(1, 1_000_000),
    2000,
    'Open HTTP and WebSocket connections; further ones are dropped.',
  ),
  maxWebSockets: setting(
    'ASSAY_GRAPHQL_MAX_WEBSOCKETS',
    whole(0, 1_000_000),
    500,
    'Open GraphQL WebSocket connections; further ones are answered 503.',
  ),
  maxSubscriptions: setting(
    'ASSAY_GRAPHQL_MAX_SUBSCRIPTIONS',
    whole(1, 1000),
    20,
    'Operations under way on one WebSocket connection; further ones get TOO_MANY_SUBSCRIPTIONS.',
  ),
  maxStoreQueries: setting(
    'ASSAY_GRAPHQL_MAX_STORE_QUERIES',
    whole(1, 1000),
    8,
    'ClickHouse queries the gateway runs at once; 64 times as many may wait, further ones get OVERLOADED.',
  ),
  queryTimeoutSeconds: setting(
    'ASSAY_GRAPHQL_QUERY_TIMEOUT',
    whole(1, 600),
    10,
    'How long one ClickHouse query behind a GraphQL field may run, seconds.',
  ),
  publicUrl: setting(
    'ASSAY_PUBLIC_URL',
    z
      .string()
      .refine(
        (text) => text === '' || isOrigin(text),
        'expected http://host or https://host, with a port where there is one',
      ),
    '',
    'Where people reach the dashboard, such as `https://pool.example`: for links in invitations and for OIDC. Empty: links are given without a host, and OIDC is off.',
  ),
  trustedProxies: setting(
    'ASSAY_TRUSTED_PROXIES',
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((entry) => entry.trim())
          .filter((entry) => entry !== ''),
      )
      .refine(
        (entries) => entries.every((entry) => ADDRESS_OR_NETWORK.test(entry)),
        'expected addresses or networks such as 10.0.0.0/8',
      ),
    '',
    'Addresses or networks of proxies in front whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, comma-separated.',
  ),
  sessionHours: setting(
    'ASSAY_SESSION_HOURS',
    whole(1, 8760),
    168,
    'How long a login lasts, hours, whether it is used or not.',
  ),
  passwordMemoryKib: setting(
    'ASSAY_PASSWORD_MEMORY_KIB',
    whole(19_456, 1_048_576),
    PASSWORD_PARAMETERS.memoryKib,
    'Memory that hashing a password with argon2id takes, KiB, twice at once at most. Passwords are hashed anew with the next login.',
  ),
  passwordPasses: setting(
    'ASSAY_PASSWORD_PASSES',
    whole(2, 100),
    PASSWORD_PARAMETERS.passes,
    'Passes over that memory.',
  ),
  oidcIssuer: setting(
    'ASSAY_OIDC_ISSUER',
    z.string().refine((text) => text === '' || isIssuer(text), 'expected https://… (http:// on loopback only)'),
    '',
    'OpenID Connect provider that people may log in with, as its discovery document names itself; empty switches it off.',
  ),
  oidcClientId: setting('ASSAY_OIDC_CLIENT_ID', z.string(), '', 'What the provider knows this pool as.'),
  oidcClientSecret: secret(
    'ASSAY_OIDC_CLIENT_SECRET',
    z.string(),
    '',
    'Its secret there; empty for a public client, which PKCE makes do without one.',
  ),
  oidcName: setting('ASSAY_OIDC_NAME', z.string().max(60), 'single sign-on', 'What the login page calls the provider.'),
  stratumPort: setting('ASSAY_STRATUM_PORT', whole(0, 65535), 3333, 'TCP port for stratum; 0 picks a free one.'),
  stratumUrls: setting(
    'ASSAY_STRATUM_URLS',
    z.string(),
    '',
    'Comma-separated stratum addresses shown to people who connect a miner; empty means the addresses of this machine.',
  ),
  minimumDifficulty: setting(
    'ASSAY_MIN_DIFFICULTY',
    z.coerce.number().positive(),
    0.00001,
    'Lowest difficulty a worker may ask for.',
  ),
  rollup1mTtlDays: setting(
    'ASSAY_ROLLUP_1M_TTL_DAYS',
    whole(1, 36500),
    90,
    'Days that rollups by the minute are kept.',
  ),
  rollup1hTtlDays: setting(
    'ASSAY_ROLLUP_1H_TTL_DAYS',
    whole(1, 36500),
    1100,
    'Days that rollups by the hour are kept.',
  ),
  demo: setting('ASSAY_DEMO', flag, false, 'Whether a simulated farm mines at this pool.'),
});

export type GraphqlGatewayConfig = SettingsOf<typeof graphqlGatewaySettings>;
