// What the API server itself would say of objects, were they created: its own defaults, validation and pod security, built into a program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { nameOf, type Finding, type Manifest } from './manifest.ts';

export type ApiServerCheck = (manifests: readonly Manifest[]) => Promise<Finding[]>;

export function openApiServerCheck(program: string): ApiServerCheck {
  return async (manifests) => {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close') as Promise<[number | null]>;
    child.stdin.end(manifests.map((manifest) => `${JSON.stringify(manifest)}\n`).join(''));
    const said = await text(child.stdout);
    const [code] = await ended;
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
    return said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { readonly line: number; readonly message: string })
      .map(({ line, message }) => ({ rule: 'api-server', object: nameOf(manifests[line]!), message }));
  };
}
