import * as z from 'zod';
import { deployment } from '../../lib/config/deployment.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  /** For an object whose keys are names: the schema of each value. */
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/**
 * The keys of a configuration, such as `network.cidr`. Keys of an environment omit the list that contains it; keys in
 * other lists include the list's name.
 */
export function configurationKeys(): string[] {
  return keysOf(z.toJSONSchema(deployment, { io: 'input', unrepresentable: 'any' }) as Schema);
}

function mayBeWord({ anyOf = [], oneOf = [] }: Schema): boolean {
  return [...anyOf, ...oneOf].some(({ type }) => type === 'string');
}

function keysOf(schema: Schema, prefix = ''): string[] {
  const { properties = {}, anyOf = [], oneOf = [], additionalProperties: named } = schema;
  return [
    // The zones of a network count as one key.
    ...(typeof named === 'object' && prefix === 'services.' ? keysOf(named, `${prefix}<name>.`) : []),
    ...[...anyOf, ...oneOf].flatMap((schema) => keysOf(schema, prefix)),
    ...Object.entries(properties).flatMap(([key, schema]) => {
      if (key === 'environments' && schema.items) return [key, ...keysOf(schema.items)];
      if (schema.items?.properties) return keysOf(schema.items, `${prefix}${key}.`);
      const inner = keysOf(schema, `${prefix}${key}.`);
      // The value of a key may be a word, or an object with its own keys.
      return inner.length === 0 || mayBeWord(schema) ? [prefix + key, ...inner] : inner;
    }),
  ];
}
