import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildRelease, published } from './release.ts';

const repository = { server: 'https://git.example.com', name: 'owner/name' };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'release-'));
});
afterEach(() => rm(folder, { recursive: true }));

const manifest = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

test.each(Object.entries(published))('%s: npm would publish the built package', async (name, directory) => {
  const { version } = await manifest(`packages/${directory}/package.json`);
  await buildRelease(`${name}-v${version}`, folder, repository);
  expect(await manifest(join(folder, 'package.json'))).toMatchObject({
    ...{ name, version },
    repository: {
      type: 'git',
      url: 'git+https://git.example.com/owner/name.git',
      directory: `packages/${directory}`,
    },
    publishConfig: { access: 'public' },
  });
  expect(await manifest(join(folder, 'package.json'))).not.toHaveProperty('private');
  const { stdout } = await execa('npm', ['publish', folder, '--dry-run', '--json', '--access', 'public']);
  expect(stdout).toContain(`"${name}@${version}"`);
});

describe('rejected before anything is built:', () => {
  /** Copies the packages' manifests and changelogs, with one text replaced. */
  async function changed(file: string, from: string, to: string): Promise<string> {
    for (const directory of Object.values(published)) {
      await mkdir(join(folder, directory));
      for (const name of ['package.json', 'CHANGELOG.md']) {
        await cp(`packages/${directory}/${name}`, join(folder, directory, name));
      }
    }
    const text = await readFile(join(folder, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(folder, file), text.replace(from, to));
    return folder;
  }

  test.each(['v0.1.0', 'tedious-kerberos-0.1.0', 'web-v0.1.0', 'tedious-kerberos-v0.1', 'main', ''])(
    'the tag "%s"',
    async (tag) => {
      await expect(buildRelease(tag, join(folder, 'out'), repository)).rejects.toThrow(/names no package/);
    },
  );

  test.each([
    [
      'tedious-kerberos/package.json',
      '"version": "0.1.0"',
      '"version": "0.2.0"',
      /The tag says 0\.1\.0.*0\.2\.0/,
    ],
    ['tedious-kerberos/CHANGELOG.md', '## 0.1.0', '## Unreleased', /no section "## 0\.1\.0"/],
    [
      'kerberos/package.json',
      '"version": "0.1.0"',
      '"version": "0.1.1"',
      /depends on kerberos-client 0\.1\.0/,
    ],
  ])('%s: %s → %s', async (file, from, to, sentence) => {
    const packages = await changed(file, from, to);
    const built = buildRelease('tedious-kerberos-v0.1.0', join(folder, 'out'), repository, packages);
    await expect(built).rejects.toThrow(sentence);
  });
});

test('each section of the changelog of tedious-kerberos names its version of tedious', async () => {
  const sections = (await readFile('packages/tedious-kerberos/CHANGELOG.md', 'utf8')).split(/^## /m).slice(1);
  for (const section of sections) expect(section).toMatch(/^\d+\.\d+\.\d+\n\nFor tedious \d+\.\d+\.\d+\.\n/);
  const { version, peerDependencies } = await manifest('packages/tedious-kerberos/package.json');
  expect(sections[0]).toContain(`${version}\n\nFor tedious ${peerDependencies.tedious}.`);
});

/** The faults of a publishing workflow. */
function faults(text: string): string[] {
  const workflow = parse(text);
  const steps: { uses?: string; run?: string; with?: Record<string, unknown> }[] =
    workflow.jobs.publish.steps;
  const commands = steps.flatMap(({ run }) => run ?? []);
  const lines = text.split('\n').filter((line) => line.includes('uses:'));
  const published = commands.findIndex((command) => command.startsWith('npm publish'));
  return [
    ...lines
      .filter((line) => !/uses: [\w/-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/.test(line))
      .map(() => 'an action is not pinned'),
    ...(Object.keys(workflow.on).join() === 'push' && Object.keys(workflow.on.push).join() === 'tags'
      ? []
      : ['not by tags alone']),
    ...(Object.keys(workflow.permissions).length === 0 ? [] : ['rights for all jobs']),
    ...(JSON.stringify(workflow.jobs.publish.permissions) === '{"contents":"read","id-token":"write"}'
      ? []
      : ['other rights']),
    ...(Object.keys(workflow.jobs).length === 1 && workflow.jobs.publish.environment
      ? []
      : ['no environment']),
    ...(/\bsecrets\b|\$\{\{|TOKEN/.test(text) ? ['a secret, or text put into a command'] : []),
    ...(steps.some((step) => step.with?.['persist-credentials'] === false) ? [] : ['credentials stay']),
    ...(commands[published]?.includes(' --provenance ') ? [] : ['no provenance']),
    ...(published === commands.length - 1 && commands[0] === 'npm ci --ignore-scripts'
      ? []
      : ['out of order']),
    ...(commands.some((command) => command.startsWith('npx vitest run')) ? [] : ['not tested']),
  ];
}

test.each([
  ['as it is', '', '', []],
  ['a tag for an action', '@08c6903cd8c0fde910a37f88322edcfb5dd907a8', '@v5', ['an action is not pinned']],
  ['any branch', 'tags:', 'branches:', ['not by tags alone']],
  ['by hand', 'push:\n', 'workflow_dispatch:\n  push:\n', ['not by tags alone']],
  ['more rights', 'contents: read', 'contents: write', ['other rights']],
  ['rights for all', 'permissions: {}', 'permissions: { id-token: write }', ['rights for all jobs']],
  ['without provenance', ' --provenance', '', ['no provenance']],
  [
    'with a token',
    'environment: npm',
    'environment: npm\n    env: { NODE_AUTH_TOKEN: x }',
    ['a secret, or text put into a command'],
  ],
  ['scripts of others', 'npm ci --ignore-scripts', 'npm ci', ['out of order']],
])('the workflow that publishes: %s', async (_, from, to, expected) => {
  const text = await readFile('.github/workflows/publish.yml', 'utf8');
  if (from) expect(text).toContain(from);
  expect(faults(from ? text.replace(from, to) : text)).toEqual(expected);
});
