// Makes the job sources that the jobs file, or the settings without one, ask for.
import { randomInt } from 'node:crypto';
import type { Clock } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import type { Logger } from '@assay/platform';
import type { GatewayConfig } from './config.ts';
import type { JobSource } from './job-source.ts';
import { readJobsFile, type JobsPlan, type SourcePlan } from './jobs-file.ts';
import { LocalJobSource } from './local-job-source.ts';
import { NodeSource } from './node/node-source.ts';

/** Name of the source there is when none is configured. */
const LOCAL = 'local';

/** Throws SettingsError when the jobs file cannot be used. */
export function jobsPlan(config: GatewayConfig): JobsPlan {
  const { algorithm, jobsFile } = config;
  if (jobsFile !== '') return readJobsFile(jobsFile, algorithm);
  return {
    sources: new Map([[LOCAL, { type: 'local', algorithm }]]),
    defaultSource: LOCAL,
    ports: [],
    routes: new Map(),
  };
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
    case 'node':
      return [new NodeSource(plan, { name, gateway, versionMask, extranonceSize, clock, logger })];
  }
}
