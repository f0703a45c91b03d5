// Makes the job sources that the jobs file, or the settings without one, ask for.
import { randomInt } from 'node:crypto';
import type { Clock } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import { SettingsError, type Logger } from '@assay/platform';
import type { GatewayConfig } from '../config.ts';
import type { JobSource } from './job-source.ts';
import { poolPlanSchema, readJobsFile, type JobsPlan, type SourcePlan } from './jobs-file.ts';
import { LocalJobSource } from './local-job-source.ts';
import { NodeSource } from '../node/node-source.ts';
import { UpstreamPool } from '../upstream/upstream-pool.ts';

/** Throws SettingsError when the jobs file cannot be used. */
export function jobsPlan(config: GatewayConfig): JobsPlan {
  const { algorithm, jobsFile, upstreamUrl } = config;
  if (jobsFile !== '' && upstreamUrl !== '')
    throw new SettingsError('ASSAY_JOBS_FILE and ASSAY_UPSTREAM_URL both say where jobs come from: set one of them.');
  if (jobsFile !== '') return readJobsFile(jobsFile, algorithm);
  const [name, source]: [string, SourcePlan] =
    upstreamUrl === '' ? ['local', { type: 'local', algorithm }] : ['upstream', upstreamPlan(config)];
  return { sources: new Map([[name, source]]), defaultSource: name, ports: [], routes: new Map() };
}

/** The pool that the settings name. */
function upstreamPlan({ algorithm, upstreamUrl, upstreamUser, upstreamPassword }: GatewayConfig): SourcePlan {
  const urls = upstreamUrl.split(',').map((url) => url.trim());
  const endpoints = urls.map((url) => ({ url, user: upstreamUser, password: upstreamPassword }));
  const parsed = poolPlanSchema.safeParse({ type: 'pool', algorithm, endpoints });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const variable = issue!.path.includes('user') || issue!.path.includes('baseUser') ? 'USER' : 'URL';
  const given = variable === 'USER' ? upstreamUser : upstreamUrl;
  throw new SettingsError(`ASSAY_UPSTREAM_${variable}=${JSON.stringify(given)} cannot be used: ${issue!.message}.`);
}

/** Every start has a seed of its own, so that no two gateways give out the same work. */
export function makeLocalSource(algorithm: Algorithm, config: GatewayConfig, clock: Clock): JobSource {
  const settings = {
    algorithm,
    seed: randomInt(2 ** 32),
    branches: config.jobBranches,
    nbits: config.jobNbits,
    extranonceSize: config.extranonce1Bytes + config.extranonce2Bytes,
    versionMask: config.versionMask,
    tag: '/assay/',
    jobSeconds: config.jobSeconds,
    blockSeconds: config.blockSeconds,
  };
  return new LocalJobSource(settings, clock);
}

/** The sources of a plan: several where it asks for several connections. */
export function makeSources(
  name: string,
  plan: SourcePlan,
  config: GatewayConfig,
  clock: Clock,
  logger: Logger,
): JobSource[] {
  const { gatewayName: gateway, versionMask } = config;
  const extranonceSize = config.extranonce1Bytes + config.extranonce2Bytes;
  switch (plan.type) {
    case 'local':
      return [makeLocalSource(plan.algorithm, config, clock)];
    case 'pool':
      return Array.from(
        { length: plan.connections },
        (_, at) =>
          new UpstreamPool(plan, {
            name: plan.connections === 1 ? name : `${name}-${at + 1}`,
            gateway,
            versionMask,
            extranonceSize,
            clock,
            logger,
          }),
      );
    case 'node':
      return [new NodeSource(plan, { name, gateway, versionMask, extranonceSize, clock, logger })];
  }
}
