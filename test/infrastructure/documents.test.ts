import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { forLifeRules } from '../../lib/config/for-life.ts';
import { configurationKeys } from './configuration-keys.ts';
import { exampleDeployment, stackParts, synthesize } from './synthesize.ts';
import type { Resource } from './template.ts';

const document = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

test('docs/deploy.md explains every key of the configuration, and no other', () => {
  const keys = configurationKeys();
  const [, table = ''] = document('deploy.md').match(/^## Configuration$(.*?)^## /ms) ?? [];
  const explained = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key),
  );
  expect([...new Set(explained)].sort()).toEqual([...new Set(keys)].sort());
});

test('docs/deploy.md says of each key that cannot be changed that it is for life, and of no other', () => {
  const rows = [
    ...document('deploy.md').matchAll(/^\| `([^`]+)` +\|[^|]*\|[^|]*\*\*for life\.?\*\*[^|]*\|$/gim),
  ];
  expect(rows.map(([, key]) => key).sort()).toEqual(Object.keys(forLifeRules).sort());
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
    'AWS::Logs::LogGroup': 'Log groups',
  };
  const { template } = synthesize(exampleDeployment());
  const nameOf = ({ Type, Properties }: Resource): string => {
    if (Type !== 'AWS::SecretsManager::Secret') return names[Type] ?? Type;
    return Properties.Description.startsWith('Admin') ? 'Secret of Admin' : 'Secret of the user';
  };
  const keptOf = (environment: string) =>
    stackParts
      .flatMap((part) => Object.values(template(environment, part).Resources))
      .filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')
      .map((resource) => nameOf(resource));

  test('lists all that stays of a deleted environment, protected or not', () => {
    const always = rows.filter(([, when]) => when === 'always').map(([what]) => what);
    expect(new Set(keptOf('staging'))).toEqual(new Set(always));
    expect(new Set(keptOf('production'))).toEqual(new Set(rows.map(([what]) => what)));
  });
});
