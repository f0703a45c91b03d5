// Renders a folder with a kustomization into the objects it makes.
import { runTool } from '../fetch-once.ts';
import { parseManifests, type Manifest } from './manifest.ts';

export async function render(kustomize: string, dir: string): Promise<Manifest[]> {
  return parseManifests(await runTool(kustomize, ['build', dir]));
}
