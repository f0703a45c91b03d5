// Asks a schema everything it can be asked, as somebody who must not learn of others, and compares what two pools answer: one in which the
// others mine too, and one in which they do not. For who does not see them, the two must not differ in anything, whatever is asked. The schema
// itself says what there is to ask, so that a field or an argument that is added is asked from its first day.
import {
  execute,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  parse,
  subscribe,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from '../graphql-js.ts';
import type { OperationContext } from '../operation/context.ts';

export interface World {
  readonly schema: GraphQLSchema;
  /** A new one for every operation. */
  readonly context: () => OperationContext;
}

export interface Probes {
  /** Names, ids, cursors and whatever else text of the others may be asked for by. */
  readonly texts: readonly string[];
  /** Moments in ISO 8601, the earliest first. */
  readonly times: readonly string[];
}

export interface Question {
  /** The argument that is tried, e.g. `Query.workers.filter.tenant`, or the field alone when it is asked without arguments. */
  readonly about: string;
  readonly document: string;
}

const NUMBERS = ['-1', '0', '1', '2', '250', '1000'];
/** Deeper selections are left out; nothing in the schema is as deep. */
const MAX_DEPTH = 8;

/** Fields of every type that an answer can hold something of. */
export function reachableFields(root: GraphQLObjectType): number {
  const types = new Set<GraphQLObjectType>([root]);
  for (const type of types)
    for (const field of Object.values(type.getFields())) {
      const below = getNamedType(field.type);
      if (isObjectType(below)) types.add(below);
    }
  return [...types].reduce((sum, type) => sum + Object.keys(type.getFields()).length, 0);
}

/**
 * Every question about every field below the root fields: each alone, and each of its arguments with each value that may find something. A root
 * field is asked for all there is below it; a subscription, whose messages come again and again, with an argument only for what costs nothing.
 */
export function questions(
  root: GraphQLObjectType,
  operation: 'query' | 'mutation' | 'subscription',
  probes: Probes,
): Question[] {
  const found: Question[] = [];
  const visit = (type: GraphQLObjectType, path: readonly string[]): void => {
    if (path.length > MAX_DEPTH) return;
    for (const field of Object.values(type.getFields())) {
      const about = `${type.name}.${field.name}`;
      const ask = (args: string, what: string): void => {
        const isPlain = operation === 'subscription' && what !== about;
        const below = isPlain ? plainSelectionOf(field.type) : selectionOf(field.type, probes, path.length + 1);
        const selection = `${field.name}${args}${below}`;
        const nested = path.reduceRight((inner, outer) => `${outer} { ${inner} }`, selection);
        found.push({ about: what, document: `${operation} { ${nested} }` });
      };
      if (path.length === 0 || field.args.length > 0) ask(requiredArguments(field, probes), about);
      for (const argument of field.args)
        for (const { value, part } of valuesOf(argument, probes))
          ask(withArgument(field, argument, value, probes), `${about}.${argument.name}${part}`);
      const named = getNamedType(field.type);
      if (isObjectType(named)) visit(named, [...path, `${field.name}${requiredArguments(field, probes)}`]);
    }
  };
  visit(root, []);
  return unique(found);
}

/** Roots that lead to one field by several ways ask the same of it more than once. */
function unique(all: readonly Question[]): Question[] {
  return [...new Map(all.map((question) => [question.document, question])).values()];
}

interface TriedValue {
  readonly value: string;
  /** Of an input object, the field that is tried: `.tenant`. */
  readonly part: string;
}

function valuesOf({ type }: GraphQLArgument | GraphQLInputField, probes: Probes): TriedValue[] {
  return valuesOfType(type, probes);
}

function valuesOfType(type: GraphQLInputType, probes: Probes): TriedValue[] {
  if (isNonNullType(type)) return valuesOfType(type.ofType, probes);
  if (isListType(type)) {
    const each = valuesOfType(type.ofType, probes);
    const all = `[${each
      .filter(({ part }) => part === '')
      .map(({ value }) => value)
      .join(', ')}]`;
    return [...each.map(({ value, part }) => ({ value: `[${value}]`, part })), { value: all, part: '' }];
  }
  if (isEnumType(type)) return type.getValues().map(({ name }) => ({ value: name, part: '' }));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    return fields.flatMap((tried) =>
      valuesOf(tried, probes).map(({ value, part }) => {
        const others = fields.filter((field) => field !== tried && isNonNullType(field.type));
        const given = [
          `${tried.name}: ${value}`,
          ...others.map((field) => `${field.name}: ${someValue(field.type, probes)}`),
        ];
        return { value: `{ ${given.join(', ')} }`, part: `.${tried.name}${part}` };
      }),
    );
  }
  return scalarValues(isScalarType(type) ? type.name : '', probes).map((value) => ({ value, part: '' }));
}

function scalarValues(name: string, { texts, times }: Probes): readonly string[] {
  switch (name) {
    case 'Int':
    case 'Float':
      return NUMBERS;
    case 'Boolean':
      return ['true', 'false'];
    case 'DateTime':
      return times.map((time) => JSON.stringify(time));
    // Text, ids, and whatever scalar is new.
    default:
      return texts.map((text) => JSON.stringify(text));
  }
}

/** A value that asks for much, for arguments that must be there while others are tried. */
function someValue(type: GraphQLInputType, probes: Probes): string {
  if (isNonNullType(type)) return someValue(type.ofType, probes);
  if (isInputObjectType(type)) {
    let time = 0;
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    const given = fields.map((field) => {
      const isTime = getNamedType(field.type).name === 'DateTime';
      return `${field.name}: ${isTime ? JSON.stringify(probes.times[Math.min(time++ * (probes.times.length - 1), probes.times.length - 1)]) : someValue(field.type, probes)}`;
    });
    return `{ ${given.join(', ')} }`;
  }
  return valuesOfType(type, probes)[0]!.value;
}

function requiredArguments(field: GraphQLField<unknown, unknown>, probes: Probes): string {
  const given = field.args.filter((argument) => isNonNullType(argument.type));
  if (given.length === 0) return '';
  return `(${given.map((argument) => `${argument.name}: ${someValue(argument.type, probes)}`).join(', ')})`;
}

function withArgument(
  field: GraphQLField<unknown, unknown>,
  tried: GraphQLArgument,
  value: string,
  probes: Probes,
): string {
  const others = field.args.filter((argument) => argument !== tried && isNonNullType(argument.type));
  const given = [
    `${tried.name}: ${value}`,
    ...others.map((argument) => `${argument.name}: ${someValue(argument.type, probes)}`),
  ];
  return `(${given.join(', ')})`;
}

/** All there is below a type. */
function selectionOf(type: GraphQLOutputType, probes: Probes, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  if (depth > MAX_DEPTH) return ' { __typename }';
  const fields = Object.values(named.getFields()).map(
    (field) => `${field.name}${requiredArguments(field, probes)}${selectionOf(field.type, probes, depth + 1)}`,
  );
  return ` { ${fields.join(' ')} }`;
}

/** The values that stand in the type itself and have no arguments. */
function plainSelectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).filter(
    (field) => field.args.length === 0 && isLeafType(getNamedType(field.type)),
  );
  return ` { __typename ${fields.map(({ name }) => name).join(' ')} }`;
}

/** As JSON, errors with their messages and codes: what a client would get, before the masking of what nobody foresaw. */
export async function answerOf(world: World, question: string | DocumentNode): Promise<string> {
  const document = typeof question === 'string' ? parse(question) : question;
  const result = await execute({ schema: world.schema, document, contextValue: world.context() });
  return textOf(result as ExecutionResult);
}

export function textOf({ data, errors }: ExecutionResult): string {
  const failed = errors?.map(({ message, path, extensions }) => ({ message, path, code: extensions['code'] }));
  return JSON.stringify({ data, errors: failed });
}

/** The messages of a subscription as JSON, until it is ended; or its one failure. */
export async function follow(
  world: World,
  question: string,
): Promise<{ readonly messages: string[]; end: () => void }> {
  const messages: string[] = [];
  const source = await subscribe({ schema: world.schema, document: parse(question), contextValue: world.context() });
  if (!(Symbol.asyncIterator in source)) return { messages: [textOf(source)], end: () => undefined };
  const read = async (): Promise<void> => {
    for await (const message of source) messages.push(textOf(message));
  };
  void read();
  return { messages, end: () => void source.return(undefined) };
}

/** Texts and telling numbers anywhere in an answer. */
export function valuesIn(answer: string): ReadonlySet<string> {
  const values = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') values.add(value);
    else if (typeof value === 'number' && (!Number.isInteger(value) || Math.abs(value) >= 1000))
      values.add(String(value));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(JSON.parse(answer));
  return values;
}
