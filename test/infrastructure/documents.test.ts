import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { deployment } from '../../lib/config/deployment.ts';

const document = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** The keys of a configuration, such as `network.cidr`; those of an environment without the list that it stands in. */
function keysOf({ properties = {}, anyOf = [], oneOf = [] }: Schema, prefix = ''): string[] {
  return [
    ...[...anyOf, ...oneOf].flatMap((schema) => keysOf(schema, prefix)),
    ...Object.entries(properties).flatMap(([key, schema]) => {
      if (schema.items?.properties) return [key, ...keysOf(schema.items)];
      const inner = keysOf(schema, `${prefix}${key}.`);
      return inner.length > 0 ? inner : [prefix + key];
    }),
  ];
}

test('docs/deploy.md explains every key of the configuration, and no other', () => {
  const keys = keysOf(z.toJSONSchema(deployment, { io: 'input', unrepresentable: 'any' }) as Schema);
  const [, table = ''] = document('deploy.md').match(/^## Configuration$(.*?)^## /ms) ?? [];
  const explained = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key),
  );
  expect([...new Set(explained)].sort()).toEqual([...new Set(keys)].sort());
});

test.each(['deploy.md', 'operate.md', 'tear-down.md'])('docs/%s links to sections that exist', (name) => {
  for (const [, file, anchor = ''] of document(name).matchAll(/\]\(([\w-]+\.md)?#([\w-]+)\)/g)) {
    const headings = [...document(file ?? name).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(headings).toContain(anchor);
  }
});
