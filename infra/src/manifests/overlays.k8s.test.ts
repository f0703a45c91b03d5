// Every overlay of k8s/ renders, and each of its objects is what Kubernetes, the operators and our own rules ask for.
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { gatherFacts } from './check-facts.ts';
import { checkManifests, type CheckFacts } from './check-manifests.ts';
import { OVERLAYS, renderInstallation } from './installations.ts';
import { nameOf } from './manifest.ts';
import { openToolbox, type Toolbox } from './toolbox.ts';

const SERVICES = [
  'StatefulSet/stratum-gateway',
  'Deployment/validator',
  'Deployment/aggregator',
  'Deployment/graphql-gateway',
  'Deployment/alerter',
  'Service/stratum',
  'Service/graphql-gateway',
];

let toolbox: Toolbox;
let facts: CheckFacts;
beforeAll(async () => {
  toolbox = await openToolbox();
  facts = await gatherFacts(toolbox);
}, 1_800_000);

describe.each(OVERLAYS.map((dir) => [basename(dir), dir]))('the overlay %s', (_, dir) => {
  it('is accepted', async () => {
    const manifests = await renderInstallation(toolbox.kustomize, dir);
    const objects = manifests.map(nameOf);
    expect(objects).toEqual(expect.arrayContaining(SERVICES));
    expect(objects.filter((name) => name.startsWith('Job/migrator-'))).toHaveLength(1);
    expect(await checkManifests(manifests, facts)).toEqual([]);
  });
});
