// The folders of k8s/ that make up an installation, in the order they are applied, and what has to be there before.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './manifest.ts';
import { render } from './render.ts';

export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/** Every overlay of this repository. */
export const OVERLAYS = ['dev', 'prod'].map((name) => join(REPOSITORY, 'k8s', 'overlays', name));

/** Below an overlay, in the order of docs/kubernetes.md: the stores, the migrator, then the overlay itself. */
const PARTS = ['stores', 'migrate', '.'];

/** Secrets that operators make, or that Strimzi makes for them: the table in docs/kubernetes.md. */
export async function documentedSecrets(): Promise<ReadonlySet<string>> {
  const text = await readFile(join(REPOSITORY, 'docs', 'kubernetes.md'), 'utf8');
  const [, table = ''] = /## Secrets\n([\s\S]*?)(?=\n## |$)/.exec(text) ?? [];
  return new Set([...table.matchAll(/^\| `([a-z0-9.-]+)`/gm)].map(([, name]) => name!));
}

export async function versionOfRepository(): Promise<string> {
  const text = await readFile(join(REPOSITORY, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** All objects of an overlay and of the parts below it. */
export async function renderInstallation(kustomize: string, overlay: string): Promise<Manifest[]> {
  const parts = PARTS.map((part) => join(overlay, part)).filter((dir) => existsSync(join(dir, 'kustomization.yaml')));
  const rendered: Manifest[] = [];
  for (const part of parts) rendered.push(...(await render(kustomize, part)));
  return rendered;
}
