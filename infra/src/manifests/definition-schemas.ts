// Turns the schemas in CustomResourceDefinitions into JSON schemas that refuse fields nobody defined. An API server drops such fields
// without a word, which is how a misspelt setting goes unnoticed for months.
import { asList, asObject, at, textAt, type Json, type JsonObject, type Manifest } from './manifest.ts';

/** 'keda.sh/v1alpha1 ScaledObject' and its schema, for every version that is served. */
export function schemasOf(definition: Manifest): [string, JsonObject][] {
  const group = textAt(definition, 'spec', 'group');
  const kind = textAt(definition, 'spec', 'names', 'kind');
  return asList(at(definition, 'spec', 'versions'))
    .filter((version) => version['served'] === true)
    .map((version) => {
      const schema = asObject(at(version, 'schema', 'openAPIV3Schema'));
      return [`${group}/${textAt(version, 'name')} ${kind}`, strictRoot(schema)];
    });
}

const OBJECT_META =
  'https://kubernetes.io/api/_definitions.json#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** A definition says nothing of an object's metadata, which is the same for all objects. */
function strictRoot(schema: JsonObject): JsonObject {
  const strict = strictly(schema);
  const properties = {
    ...asObject(strict['properties']),
    apiVersion: true,
    kind: true,
    metadata: { $ref: OBJECT_META },
  };
  return { ...strict, properties };
}

function strictly(schema: JsonObject): JsonObject {
  const { properties, items, additionalProperties, description: _, default: __, nullable, pattern, ...rest } = schema;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const anything = schema['x-kubernetes-int-or-string'] === true;
  const closed = properties !== undefined && additionalProperties === undefined && !keepsUnknown;
  const strict = {
    ...(rest as { [key: string]: Json }),
    ...(properties === undefined ? {} : { properties: mapped(asObject(properties)) }),
    ...(items === undefined ? {} : { items: strictly(asObject(items)) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: additional(additionalProperties) }),
    ...(closed ? { additionalProperties: false } : {}),
    // Go's way of ignoring case is no pattern of JSON schema's.
    ...(typeof pattern === 'string' && !pattern.includes('(?i)') ? { pattern } : {}),
    ...(anything ? { type: ['integer', 'string'] } : {}),
  } as { [key: string]: Json };
  return nullable === true ? { anyOf: [strict, { type: 'null' }] } : strict;
}

function additional(value: Json): Json {
  return typeof value === 'boolean' ? value : strictly(asObject(value));
}

function mapped(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strictly(asObject(schema))]));
}
