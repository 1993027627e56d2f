// node packages/release.ts TAG FOLDER: builds the package that a tag such as tedious-kerberos-v0.1.0 names, into the folder.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage, type Repository } from './build-package.ts';
import { build as buildConstruct } from './cdk-kerberos-sidecar/scripts/build.ts';

/** The folder of each published package. */
export const published: Readonly<Record<string, string>> = {
  'kerberos-client': 'kerberos',
  'tedious-kerberos': 'tedious-kerberos',
  'cdk-kerberos-sidecar': 'cdk-kerberos-sidecar',
};

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Builds the package to publish for a tag.
 *
 * @param repository server and name, as GitHub passes them to workflows. npm accepts provenance only from the repository
 *   that package.json names
 * @param packages folder of the packages
 * @throws Error if tag, versions and changelog do not agree
 */
export async function buildRelease(
  tag: string,
  folder: string,
  repository: Omit<Repository, 'directory'>,
  packages = fileURLToPath(new URL('.', import.meta.url)),
): Promise<Manifest> {
  const [, name = '', version = ''] = /^(.+)-v(\d+\.\d+\.\d+)$/.exec(tag) ?? [];
  const directory = published[name];
  if (directory === undefined) {
    const forms = Object.keys(published).map((known) => `${known}-v1.2.3`);
    throw new Error(
      `The tag ${JSON.stringify(tag)} names no package; it must look like ${forms.join(' or ')}.`,
    );
  }
  const source = join(packages, directory);
  const manifest = await manifestOf(source);
  if (manifest.version !== version) {
    throw new Error(`The tag says ${version}, package.json of ${name} says ${manifest.version}.`);
  }
  const changelog = await readFile(join(source, 'CHANGELOG.md'), 'utf8');
  if (!changelog.split('\n').includes(`## ${version}`)) {
    throw new Error(`The changelog of ${name} has no section "## ${version}".`);
  }
  for (const [dependency, wanted] of Object.entries(manifest.dependencies ?? {})) {
    const own = published[dependency];
    const { version: there } = own ? await manifestOf(join(packages, own)) : { version: wanted };
    if (there !== wanted) {
      throw new Error(
        `${name} depends on ${dependency} ${wanted}, but the version in this repository is ${there}.`,
      );
    }
  }
  const where = { ...repository, directory: `packages/${directory}` };
  // This package contains more than its compiled source.
  if (name === 'cdk-kerberos-sidecar') await buildConstruct(folder, where);
  else await buildPackage(source, folder, where);
  return manifest;
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));

if (import.meta.main) {
  const [tag = '', folder = 'release'] = process.argv.slice(2);
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  if (!server || !name) throw new Error('GITHUB_SERVER_URL and GITHUB_REPOSITORY must be set.');
  const { version } = await buildRelease(tag, resolve(folder), { server, name });
  console.log(`Built ${tag} (${version}) into ${folder}.`);
}
