// Everything that is asked of the objects of one installation, in one list.
import { nameOf, type Finding, type Manifest } from './manifest.ts';
import { availability } from './policies/availability.ts';
import { images } from './policies/images.ts';
import { names } from './policies/names.ts';
import { networks } from './policies/networks.ts';
import { podSecurity } from './policies/pod-security.ts';
import { probes } from './policies/probes.ts';
import { resources } from './policies/resources.ts';
import { secrets } from './policies/secrets.ts';
import { settings } from './policies/settings.ts';
import type { ApiServerCheck } from './api-server-check.ts';
import type { SchemaCheck } from './schema-check.ts';

export interface CheckFacts {
  /** One for each version of Kubernetes. */
  readonly schemas: readonly SchemaCheck[];
  readonly apiServer: ApiServerCheck;
  readonly version: string;
  readonly secretNames: ReadonlySet<string>;
}

export async function checkManifests(manifests: readonly Manifest[], facts: CheckFacts): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of facts.schemas) for (const manifest of manifests) findings.push(...(await check(manifest)));
  const { objects, findings: conflicts } = unite(manifests);
  return [
    ...findings,
    ...conflicts,
    ...(await facts.apiServer(objects)),
    ...podSecurity(objects),
    ...probes(objects),
    ...resources(objects),
    ...secrets(objects),
    ...images(objects, facts.version),
    ...names(objects, facts.secretNames),
    ...networks(objects),
    ...availability(objects),
    ...settings(objects),
  ];
}

/** Folders that are applied one after another may hold the same object, but only with the same content. */
export function unite(manifests: readonly Manifest[]): { objects: Manifest[]; findings: Finding[] } {
  const seen = new Map<string, Manifest>();
  const findings: Finding[] = [];
  for (const manifest of manifests) {
    const id = `${manifest.apiVersion} ${nameOf(manifest)} ${String(manifest.metadata['namespace'])}`;
    const before = seen.get(id);
    if (before === undefined) seen.set(id, manifest);
    else if (JSON.stringify(before) !== JSON.stringify(manifest))
      findings.push({ rule: 'names', object: nameOf(manifest), message: 'it stands twice, and not the same' });
  }
  return { objects: [...seen.values()], findings };
}
