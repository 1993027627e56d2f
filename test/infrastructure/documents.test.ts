import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { forLifeRules } from '../../lib/config/for-life.ts';
import { environmentStacks, toolsStacks } from '../../lib/config/stack-names.ts';
import { synthesizePipeline } from '../pipeline/synthesized-pipeline.ts';
import { configurationKeys } from './configuration-keys.ts';
import { exampleServices } from './example-deployment.ts';
import { exampleDeployment, type Synthesis, stackParts, synthesize } from './synthesize.ts';
import type { Resource } from './template.ts';

/** The documents by name, and the syntheses they describe. */
interface Subject {
  readonly documents: Readonly<Record<string, string>>;
  readonly example: Synthesis;
}

const names = ['deploy.md', 'operate.md', 'tear-down.md', 'bootstrap.md', 'security.md'];
const subject: Subject = {
  documents: Object.fromEntries(
    names.map((name) => [name, readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')]),
  ),
  example: synthesize(exampleDeployment()),
};

/** Resources of a deleted environment that remain, by type, with their names in the table of docs/tear-down.md. */
const keptNames: Readonly<Record<string, string>> = {
  'AWS::RDS::DBInstance': 'Last snapshot of the database',
  'AWS::KMS::Key': 'Key of storage and snapshots',
  'AWS::S3::Bucket': 'Bucket of access logs',
  'AWS::DirectoryService::MicrosoftAD': 'Directory',
  'Custom::DirectoryUser': 'User of the directory',
  'Custom::SqlDatabase': 'Login and rights in SQL Server',
  'AWS::Logs::LogGroup': 'Log groups',
};

const deployment = exampleDeployment();
const stacks = [
  ...toolsStacks(deployment),
  ...deployment.environments.map((environment) => environmentStacks(deployment, environment)),
];

/** The image repositories, including those for the services in `cdk.json`. */
const repositories = ['web', ...Object.keys(exampleServices)].map((name) => `windows-auth/${name}`);

/** The text of all templates, including those of the pipeline. */
const templates = JSON.stringify([...synthesizePipeline(deployment).templates]);

/** The names in a document that begin like those of the example. */
const namesIn = (text: string) =>
  [...text.matchAll(/(?<![\w/-])(?:alias\/|\/(?:[\w-]+\/)*)?windows-auth(?:[\w/]|-(?=\w))*/g)].map(
    ([name]) => name,
  );

/** Each check throws if a document is wrong. */
const checks: Readonly<Record<string, (looked: Subject) => void>> = {
  'docs/deploy.md explains every key of the configuration, and no other': ({ documents }) => {
    const [, table = ''] = documents['deploy.md']?.match(/^## Configuration$(.*?)^## /ms) ?? [];
    const explained = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key),
    );
    expect(
      [...new Set(explained)].sort(),
      'a row of the table for each key, and none for removed keys',
    ).toEqual([...new Set(configurationKeys())].sort());
  },

  'docs/deploy.md calls exactly those keys "for life" that cannot be changed': ({ documents }) => {
    const rows = documents['deploy.md']?.matchAll(
      /^\| `([^`]+)` +\|[^|]*\|[^|]*\*\*for life\.?\*\*[^|]*\|$/gim,
    );
    expect([...(rows ?? [])].map(([, key]) => key).sort()).toEqual(Object.keys(forLifeRules).sort());
  },

  'documents link to sections that exist': ({ documents }) => {
    for (const [name, text] of Object.entries(documents)) {
      for (const [, file, anchor = ''] of text.matchAll(/\]\(([\w-]+\.md)?#([\w-]+)\)/g)) {
        const headings = [...(documents[file ?? name] ?? '').matchAll(/^#+ (.+)$/gm)].map(
          ([, heading = '']) =>
            heading
              .toLowerCase()
              .replace(/[^\w\- ]/g, '')
              .replaceAll(' ', '-'),
        );
        expect(headings, `of ${file ?? name}, linked from ${name}`).toContain(anchor);
      }
    }
  },

  'documents use the names of deployed resources': ({ documents }) => {
    for (const [name, text] of Object.entries(documents)) {
      const strange = namesIn(text).filter(
        (one) =>
          !stacks.some(({ isOurs }) => isOurs(one)) &&
          !repositories.includes(one) &&
          !new RegExp(`${one}(?![a-z0-9])`).test(templates),
      );
      expect(strange, `names in docs/${name} that no resource of the example has`).toEqual([]);
    }
  },

  'docs/tear-down.md lists everything that a deleted environment leaves behind, protected or not': ({
    documents,
    example,
  }) => {
    const rows = [...(documents['tear-down.md'] ?? '').matchAll(/^\| ([A-Z][^|]+) \| ([^|]+) \|/gm)].map(
      ([, what = '', when = '']) => [what.trim(), when.trim().replace(/;.*/, '')],
    );
    const nameOf = ({ Type, Properties }: Resource): string => {
      if (Type !== 'AWS::SecretsManager::Secret') return keptNames[Type] ?? Type;
      return Properties.Description.startsWith('Admin') ? 'Secret of Admin' : 'Secret of the user';
    };
    const keptOf = (environment: string) =>
      stackParts
        .flatMap((part) => Object.values(example.template(environment, part).Resources))
        .filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')
        .map((resource) => nameOf(resource));
    const always = rows.filter(([, when]) => when === 'always').map(([what]) => what);
    expect(new Set(keptOf('staging'))).toEqual(new Set(always));
    expect(new Set(keptOf('production'))).toEqual(new Set(rows.map(([what]) => what)));
  },

  'docs/tear-down.md deletes every stack of an environment, the last one first': ({ documents }) => {
    const [, loop = ''] = /^for part in ([^;]+); do$/m.exec(documents['tear-down.md'] ?? '') ?? [];
    const further = Object.keys(exampleServices).map((name) => `service-${name}`);
    expect(loop.split(' ')).toEqual([...further, ...stackParts.toReversed()]);
  },
};

test.each(Object.keys(checks))('%s', (name) => {
  checks[name]?.(subject);
});

/** The subject with one document changed; the change must have an effect. */
const written = (name: string, from: RegExp, to: string) => (): Subject => {
  const text = (subject.documents[name] ?? '').replace(from, to);
  expect(text).not.toBe(subject.documents[name]);
  return { ...subject, documents: { ...subject.documents, [name]: text } };
};
/** The subject with the resources of one type deleted with their stack, or retained. */
const deleted = (type: string, DeletionPolicy: string) => (): Subject => ({
  ...subject,
  example: {
    ...subject.example,
    template(environment, part) {
      const template = structuredClone(subject.example.template(environment, part));
      for (const resource of Object.values(template.Resources)) {
        if (resource.Type === type) Object.assign(resource, { DeletionPolicy });
      }
      return template;
    },
  },
});

const everyKey = 'docs/deploy.md explains every key of the configuration, and no other';
const life = 'docs/deploy.md calls exactly those keys "for life" that cannot be changed';
const links = 'documents link to sections that exist';
const called = 'documents use the names of deployed resources';
const kept = 'docs/tear-down.md lists everything that a deleted environment leaves behind, protected or not';
const order = 'docs/tear-down.md deletes every stack of an environment, the last one first';
const mutations: readonly [check: string, mutation: string, mutated: () => Subject][] = [
  [everyKey, 'a key without a row', written('deploy.md', /^\| `tools\.account`.*\n/m, '')],
  [everyKey, 'a row without a key', written('deploy.md', /^(\| )`tools\.account`/m, '$1`tools.number`')],
  [life, 'a key that is no longer called "for life"', written('deploy.md', /\*\*for life\.?\*\*/i, 'so')],
  [
    life,
    'a key that is wrongly called "for life"',
    written('deploy.md', /^\| `tools\.account`.*$/m, '| `tags` | | **For life** |'),
  ],
  [links, 'a link to nowhere', written('operate.md', /\]\(#[\w-]+\)/, '](#nowhere)')],
  [
    links,
    'a section that was renamed',
    written('operate.md', /^## The first deployment failed$/m, '## A failed deployment'),
  ],
  [
    called,
    'a parameter of another owner',
    written('operate.md', /\/domain\/rotation-function/, '/directory/rotation-function'),
  ],
  [called, 'a key by another alias', written('operate.md', /alias\/windows-auth-provenance/, '$&s')],
  [called, 'a project by another name', written('operate.md', /windows-auth-recheck-images/, '$&-daily')],
  [called, 'another log group', written('operate.md', /\/aws\/directoryservice\/windows/, '/aws/ds/windows')],
  [kept, 'a row for something that is deleted', written('tear-down.md', /^(\| )Log groups/m, '$1Tasks')],
  [
    kept,
    'a directory that is deleted with its stack',
    deleted('AWS::DirectoryService::MicrosoftAD', 'Delete'),
  ],
  [kept, 'a cluster that stays', deleted('AWS::ECS::Cluster', 'Retain')],
  [order, 'a stack that is left out', written('tear-down.md', /^(for part in .*) database-contents/m, '$1')],
  [
    order,
    'a stack that is deleted too early',
    written('tear-down.md', /^(for part in )(.*) network;/m, '$1network $2;'),
  ],
];

test.each(mutations)('%s: %s is found', (check, _, mutated) => {
  const looked = mutated();
  expect(() => checks[check]?.(looked)).toThrow();
});

test('every check finds a mutation', () => {
  expect(new Set(mutations.map(([check]) => check))).toEqual(new Set(Object.keys(checks)));
});
