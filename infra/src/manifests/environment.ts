// The environment of a container as its process will find it: what ConfigMaps and the manifest itself say, and a stand-in for what is only
// known when it runs.
import { asList, asObject, at, textAt, type JsonObject, type Manifest } from './manifest.ts';

/** What a field of the pod, or a Secret, stands for here. */
const STAND_IN = 'known-when-it-runs';

export function environmentOf(container: JsonObject, manifests: readonly Manifest[]): Map<string, string> {
  const environment = new Map<string, string>();
  for (const from of asList(container['envFrom'])) {
    const name = textAt(from, 'configMapRef', 'name');
    const map = manifests.find((each) => each.kind === 'ConfigMap' && textAt(each, 'metadata', 'name') === name);
    for (const [key, value] of Object.entries(asObject(map?.['data']))) environment.set(key, String(value));
  }
  // What the container says itself wins.
  for (const variable of asList(container['env'])) {
    const value = at(variable, 'value');
    environment.set(textAt(variable, 'name'), value === undefined ? STAND_IN : String(value));
  }
  return environment;
}

/** Whether a volume puts a file at that path into the container. */
export function mounts(path: string, container: JsonObject, podSpec: JsonObject): boolean {
  return asList(container['volumeMounts']).some((mount) => {
    const below = `${textAt(mount, 'mountPath')}/`;
    if (!path.startsWith(below)) return false;
    const volume = asList(podSpec['volumes']).find((each) => textAt(each, 'name') === textAt(mount, 'name'));
    const items = [
      ...asList(at(volume, 'secret', 'items')),
      ...asList(at(volume, 'projected', 'sources')).flatMap((source) => asList(at(source, 'secret', 'items'))),
    ];
    return items.some((item) => textAt(item, 'path') === path.slice(below.length));
  });
}
