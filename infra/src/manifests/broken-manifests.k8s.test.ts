// The checks refuse what they are there for. Each file under testdata/broken breaks our own production overlay in one way and names the rule
// and the reason it must be refused for, so that no check can go silently empty.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { gatherFacts } from './check-facts.ts';
import { checkManifests, unite, type CheckFacts } from './check-manifests.ts';
import { OVERLAYS, renderInstallation } from './installations.ts';
import { parseManifests, type Manifest } from './manifest.ts';
import { render } from './render.ts';
import { openToolbox, type Toolbox } from './toolbox.ts';

interface Breakage {
  readonly refusedBy: string;
  readonly because: string;
  readonly patches: readonly unknown[];
}

const FIXTURES = fileURLToPath(new URL('testdata/broken/', import.meta.url));
const files = (await readdir(FIXTURES)).sort();

let toolbox: Toolbox;
let facts: CheckFacts;
let dir: string;
beforeAll(async () => {
  toolbox = await openToolbox();
  facts = await gatherFacts(toolbox);
  dir = await mkdtemp(join(tmpdir(), 'assay-broken-'));
  const manifests = unite(await renderInstallation(toolbox.kustomize, OVERLAYS.at(-1)!)).objects;
  await writeFile(join(dir, 'good.yaml'), manifests.map((manifest) => stringify(manifest)).join('---\n'));
}, 1_800_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

async function broken({ patches }: Breakage): Promise<Manifest[]> {
  await writeFile(join(dir, 'kustomization.yaml'), stringify({ resources: ['good.yaml'], patches }));
  return render(toolbox.kustomize, dir);
}

describe('a broken manifest', () => {
  it('is one of many kinds', () => expect(files.length).toBeGreaterThanOrEqual(60));

  it.each(files)('is refused: %s', async (file) => {
    const breakage = parse(await readFile(join(FIXTURES, file), 'utf8')) as Breakage;
    const findings = await checkManifests(await broken(breakage), facts);
    const reasons = findings.filter(({ rule }) => rule === breakage.refusedBy).map(({ message }) => message);
    expect(reasons).toContainEqual(expect.stringContaining(breakage.because));
  });

  it('stands twice, and not the same', () => {
    const [one, other] = ['1', '2'].map((a) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { a },
    }));
    expect(unite([one!, one!]).findings).toEqual([]);
    expect(unite([one!, other!]).findings).toEqual([expect.objectContaining({ object: 'ConfigMap/a', rule: 'names' })]);
  });

  it('is not even read when it is no YAML, holds a key twice, or is no object', () => {
    expect(() => parseManifests('a: [')).toThrow('no YAML');
    expect(() => parseManifests('kind: Pod\nkind: Job\n')).toThrow('no YAML');
    expect(() => parseManifests('kind: Pod\n')).toThrow('no Kubernetes object');
  });
});
