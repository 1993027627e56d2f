import * as z from 'zod';
import { deployment } from '../../lib/config/deployment.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  /** Of an object whose keys are names: what each value is. */
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/**
 * The keys of a configuration, such as `network.cidr`; those of an environment without the list that it stands in, those of
 * what stands in other lists with its name.
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
    // The zones of a network are one key.
    ...(typeof named === 'object' && prefix === 'services.' ? keysOf(named, `${prefix}<name>.`) : []),
    ...[...anyOf, ...oneOf].flatMap((schema) => keysOf(schema, prefix)),
    ...Object.entries(properties).flatMap(([key, schema]) => {
      if (key === 'environments' && schema.items) return [key, ...keysOf(schema.items)];
      if (schema.items?.properties) return keysOf(schema.items, `${prefix}${key}.`);
      const inner = keysOf(schema, `${prefix}${key}.`);
      // A key may hold a word, or an object with keys of its own.
      return inner.length === 0 || mayBeWord(schema) ? [prefix + key, ...inner] : inner;
    }),
  ];
}
