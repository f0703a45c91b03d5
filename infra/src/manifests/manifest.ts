// A Kubernetes object as it stands in YAML, and the few ways of looking into one that checks share.
import { parseAllDocuments } from 'yaml';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Manifest extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject;
}

/** What is wrong with an object: which rule refuses it and why. */
export interface Finding {
  readonly rule: string;
  readonly object: string;
  readonly message: string;
}

/** 'Deployment/validator', as people name objects. */
export function nameOf(manifest: Manifest): string {
  return `${manifest.kind}/${String(manifest.metadata['name'])}`;
}

/** Every object of a stream of YAML documents. Throws on what is no YAML, on keys that stand twice, and on what is no object. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { uniqueKeys: true }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`no YAML: ${error.message}`);
    const value = document.toJS() as Json;
    if (value === null) return [];
    if (!isManifest(value)) throw new Error(`no Kubernetes object: ${JSON.stringify(value).slice(0, 120)}`);
    return [value];
  });
}

function isManifest(value: Json): value is Manifest {
  const { apiVersion, kind, metadata } = asObject(value);
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof asObject(metadata)['name'] === 'string';
}

/** The value at a path of keys, or undefined. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let here: Json | undefined = value;
  for (const key of path) {
    if (here === null || typeof here !== 'object') return undefined;
    here = (here as { readonly [key: string | number]: Json })[key];
  }
  return here;
}

export function asObject(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function asList(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).map(asObject) : [];
}

/** The string at a path, or ''. */
export function textAt(value: Json | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
