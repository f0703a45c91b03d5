// Every service would start with the environment it is given: no variable that it does not know, no value that it cannot use, files where
// they are looked for, and numbers that stand in two places the same in both.
import { environmentOf, mounts } from '../environment.ts';
import { asList, asObject, at, nameOf, textAt, type Finding, type JsonObject, type Manifest } from '../manifest.ts';
import { parseQuantity } from '../quantity.ts';
import { refusal, tablesOf } from '../service-tables.ts';
import { mainContainersOf, workloadsOf, type Workload } from '../workloads.ts';

const GIB = 2 ** 30;
/** Variables and the container ports they are about. */
const PORTS = { ASSAY_OPS_PORT: 'ops', ASSAY_STRATUM_PORT: 'stratum', ASSAY_HTTP_PORT: 'http' } as const;
/** Kafka's own files and what is written before retention has acted need room as well. */
const LOG_SHARE = 0.85;

export function settings(manifests: readonly Manifest[]): Finding[] {
  const services = workloadsOf(manifests).flatMap((workload) =>
    mainContainersOf(workload)
      .filter((container) => tablesOf(textAt(container, 'name')) !== undefined)
      .map((container) => ({ workload, container, environment: environmentOf(container, manifests) })),
  );
  const migrator = services.find(({ container }) => textAt(container, 'name') === 'migrator')?.environment;
  const faults: (readonly [Manifest, string])[] = [
    ...services.flatMap((service) =>
      [...startFaults(service), ...portFaults(service), ...spoolFaults(service)].map(
        (message) => [service.workload.manifest, message] as const,
      ),
    ),
    ...(migrator === undefined ? [] : logFaults(manifests, migrator)),
  ];
  return faults.map(([manifest, message]) => ({ rule: 'settings', object: nameOf(manifest), message }));
}

interface Service {
  readonly workload: Workload;
  readonly container: JsonObject;
  readonly environment: ReadonlyMap<string, string>;
}

/** What the process would say and end with, and files of secrets that nothing puts where they are looked for. */
function startFaults({ workload, container, environment }: Service): string[] {
  const name = textAt(container, 'name');
  const tables = tablesOf(name)!;
  const faults: string[] = [];
  const env: Record<string, string> = Object.fromEntries(environment);
  for (const [file, path] of [...environment].filter(([variable]) => /^ASSAY_.*_FILE$/.test(variable))) {
    // All services are told of all files, and each looks into those of the stores it uses.
    if (usesStore(name, file) && !mounts(path, container, workload.spec))
      faults.push(`${file} names ${path}, at which no Secret is mounted`);
    const secret = file.replace(/_FILE$/, '');
    if (!tables.some((table) => Object.values(table).some((entry) => entry.env === secret))) continue;
    // The secret itself is not here; what will be read from its file stands in for it.
    delete env[file];
    env[secret] = standIn(secret);
  }
  const refused = refusal(name, env);
  if (refused !== undefined) faults.push(refused);
  return faults;
}

/** Of a secret that is known when it runs. */
function standIn(secret: string): string {
  if (secret.endsWith('_URL')) return 'redis://known-when-it-runs:6379';
  return secret === 'ASSAY_SECRETS_KEY' ? 'A'.repeat(43) : 'known-when-it-runs';
}

const STORES: Readonly<Record<string, readonly string[]>> = {
  'stratum-gateway': ['KAFKA', 'REDIS'],
  validator: ['KAFKA'],
  aggregator: ['KAFKA', 'CLICKHOUSE', 'REDIS'],
  'graphql-gateway': ['KAFKA', 'CLICKHOUSE', 'REDIS', 'SECRETS'],
  alerter: ['KAFKA', 'CLICKHOUSE', 'REDIS', 'SECRETS'],
  migrator: ['KAFKA', 'CLICKHOUSE'],
  'dead-letters': ['KAFKA'],
};

function usesStore(service: string, variable: string): boolean {
  return STORES[service]!.some((store) => variable.startsWith(`ASSAY_${store}_`));
}

function portFaults({ container, environment }: Service): string[] {
  const ports = asList(container['ports']);
  return Object.entries(PORTS).flatMap(([variable, name]) => {
    const port = ports.find((each) => each['name'] === name);
    const set = environment.get(variable);
    if (port === undefined || (set !== undefined && set === String(port['containerPort']))) return [];
    return [`${variable} is ${set ?? 'not set'}, but its container's port ${name} is ${String(port['containerPort'])}`];
  });
}

/** The spool's file takes up to twice what it may hold. */
function spoolFaults({ workload, container, environment }: Service): string[] {
  const dir = environment.get('ASSAY_SPOOL_DIR');
  if (textAt(container, 'name') !== 'stratum-gateway') return [];
  const mount = asList(container['volumeMounts']).find((each) => dir?.startsWith(textAt(each, 'mountPath')));
  const claim = asList(at(workload.manifest, 'spec', 'volumeClaimTemplates')).find(
    (each) => textAt(each, 'metadata', 'name') === textAt(mount, 'name'),
  );
  if (claim === undefined) return [`ASSAY_SPOOL_DIR is ${dir ?? 'not set'}, which is on no disk of its own`];
  const room = parseQuantity(textAt(claim, 'spec', 'resources', 'requests', 'storage')) ?? 0;
  const wanted = 2 * Number(environment.get('ASSAY_SPOOL_MAX_BYTES')) + GIB;
  return room >= wanted
    ? []
    : [`its disk has ${room} bytes, but twice ASSAY_SPOOL_MAX_BYTES and 1 GiB to spare are ${wanted}`];
}

/** As many consumers as partitions at most, and disks that hold what retention keeps. */
function logFaults(
  manifests: readonly Manifest[],
  migrator: ReadonlyMap<string, string>,
): (readonly [Manifest, string])[] {
  const number = (variable: string, fallback: number) => Number(migrator.get(variable) ?? fallback);
  const partitions = number('ASSAY_PARTITIONS', 12);
  const scalers = manifests
    .filter(({ kind }) => kind === 'ScaledObject')
    .filter((scaler) => Number(at(scaler, 'spec', 'maxReplicaCount')) > partitions)
    .map(
      (scaler) =>
        [scaler, `maxReplicaCount is above ASSAY_PARTITIONS, ${partitions}: the rest would do nothing`] as const,
    );
  const brokers = manifests
    .filter(({ kind }) => kind === 'KafkaNodePool')
    .flatMap((pool) => {
      const volumes = asList(at(pool, 'spec', 'storage', 'volumes'));
      const room = volumes.reduce((sum, volume) => sum + (parseQuantity(textAt(volume, 'size')) ?? 0), 0);
      const count = Number(at(asObject(pool['spec']), 'replicas'));
      const copies = number('ASSAY_KAFKA_REPLICATION', 3);
      // Two topics hold shares.
      const kept = (2 * partitions * copies * number('ASSAY_KAFKA_RETENTION_GIB', 64) * GIB) / count;
      return kept <= LOG_SHARE * room
        ? []
        : [
            [
              pool,
              `ASSAY_KAFKA_RETENTION_GIB keeps up to ${kept / GIB} GiB on each broker, which has ${room / GIB}`,
            ] as const,
          ];
    });
  return [...scalers, ...brokers];
}
