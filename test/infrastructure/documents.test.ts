import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { deployment } from '../../lib/config/deployment.ts';
import { exampleDeployment, stackParts, synthesize } from './synthesize.ts';

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

describe('docs/tear-down.md', () => {
  /** Its table, as `[what, kept when]`. */
  const rows = [...document('tear-down.md').matchAll(/^\| ([A-Z][^|]+) \| ([^|]+) \|/gm)].map(
    ([, what = '', when = '']) => [what.trim(), when.trim().replace(/;.*/, '')],
  );
  const names: Readonly<Record<string, string>> = {
    'AWS::RDS::DBInstance': 'Last snapshot of the database',
    'AWS::KMS::Key': 'Key of storage and snapshots',
    'AWS::S3::Bucket': 'Bucket of access logs',
    'AWS::DirectoryService::MicrosoftAD': 'Directory',
    'Custom::DirectoryUser': 'User of the directory',
    'Custom::SqlDatabase': 'Login and rights in SQL Server',
    'AWS::SecretsManager::Secret': 'Secrets of Admin and of the user',
    'AWS::Logs::LogGroup': 'Log groups',
  };
  const { template } = synthesize(exampleDeployment());
  const keptOf = (environment: string) =>
    stackParts
      .flatMap((part) => Object.values(template(environment, part).Resources))
      .filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')
      .map(({ Type }) => names[Type] ?? Type);

  test('lists all that stays of a deleted environment, protected or not', () => {
    const always = rows.filter(([, when]) => when === 'always').map(([what]) => what);
    expect(new Set(keptOf('staging'))).toEqual(new Set(always));
    expect(new Set(keptOf('production'))).toEqual(new Set(rows.map(([what]) => what)));
  });
});
