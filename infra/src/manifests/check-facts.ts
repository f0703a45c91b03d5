// What the checks of manifests are made against: the schemas of the oldest and the newest Kubernetes we name, and this repository's facts.
import { openApiServerCheck } from './api-server-check.ts';
import type { CheckFacts } from './check-manifests.ts';
import { documentedSecrets, versionOfRepository } from './installations.ts';
import { openSchemaCheck } from './schema-check.ts';
import type { Toolbox } from './toolbox.ts';

/** 1.30 is the first in which a pod may sleep before it is stopped, without a shell to sleep in. */
export const KUBERNETES_VERSIONS = ['1.30', '1.37'];

export async function gatherFacts(toolbox: Toolbox): Promise<CheckFacts> {
  return {
    schemas: await Promise.all(KUBERNETES_VERSIONS.map((version) => openSchemaCheck(toolbox, version))),
    apiServer: openApiServerCheck(toolbox.apiValidation),
    version: await versionOfRepository(),
    secretNames: await documentedSecrets(),
  };
}
