// Checks objects against the schemas of one version of the Kubernetes API and of the custom resources: every field is of the right type
// and known. An object that no schema knows is refused, so that no kind goes unchecked.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { schemasOf } from './definition-schemas.ts';
import { nameOf, parseManifests, type Finding, type JsonObject, type Manifest } from './manifest.ts';
import type { Toolbox } from './toolbox.ts';

export type SchemaCheck = (manifest: Manifest) => Promise<Finding[]>;

/** @param kubernetes e.g. '1.37' */
export async function openSchemaCheck(toolbox: Toolbox, kubernetes: string): Promise<SchemaCheck> {
  const dir = join(toolbox.kubernetesSchemas, `v${kubernetes}.0-local-strict`);
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, logger: false });
  ajv.addSchema(await readJson(join(dir, '_definitions.json')));
  const custom = await customSchemas(toolbox.definitions);
  const compiled = new Map<string, ValidateFunction>();

  return async (manifest) => {
    const key = `${manifest.apiVersion} ${manifest.kind}`;
    let validate = compiled.get(key);
    if (validate === undefined) {
      const schema = custom.get(key) ?? (await builtInSchema(dir, manifest));
      if (schema === undefined)
        return [
          { rule: 'schema', object: nameOf(manifest), message: `no schema knows ${key} (Kubernetes ${kubernetes})` },
        ];
      validate = ajv.compile(schema);
      compiled.set(key, validate);
    }
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map((error) => ({
      rule: 'schema',
      object: nameOf(manifest),
      message: `${describe(error)} (Kubernetes ${kubernetes})`,
    }));
  };
}

/** The file that holds a kind's schema: group without its domain, as in networkpolicy-networking-v1.json. */
async function builtInSchema(dir: string, { apiVersion, kind }: Manifest): Promise<JsonObject | undefined> {
  const file = join(dir, `${kind.toLowerCase()}-${apiVersion.replace(/^([^./]*)(?:\.[^/]*)?\//, '$1-')}.json`);
  return existsSync(file) ? readJson(file) : undefined;
}

async function customSchemas(folders: readonly string[]): Promise<Map<string, JsonObject>> {
  const schemas = new Map<string, JsonObject>();
  for (const folder of folders) {
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.yaml'))) {
      for (const definition of parseManifests(await readFile(join(folder, file), 'utf8'))) {
        for (const [key, schema] of schemasOf(definition)) schemas.set(key, schema);
      }
    }
  }
  return schemas;
}

async function readJson(file: string): Promise<JsonObject> {
  return JSON.parse(await readFile(file, 'utf8')) as JsonObject;
}

/** '/spec/template/spec must NOT have additional properties: livenesProbe' */
function describe({ instancePath, message, keyword, params }: ErrorObject): string {
  const detail = keyword === 'additionalProperties' ? `: ${String(params['additionalProperty'])}` : '';
  const allowed = keyword === 'enum' ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  return `${instancePath === '' ? '/' : instancePath} ${message ?? keyword}${detail}${allowed}`;
}
