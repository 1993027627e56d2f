import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KerberosError } from '../errors/kerberos-error.ts';
import { type Configuration, configurationOf } from './configuration.ts';
import { emptySection, mergeSections, parseKrb5Conf, type Section } from './parse-krb5-conf.ts';

/** Limit for nested includes, which may be circular. */
const maximalDepth = 10;
const usualFile = '/etc/krb5.conf';

/**
 * Reads the configuration of this process: the files listed in `KRB5_CONFIG` (separated by colons), or else
 * `/etc/krb5.conf`, which may be missing.
 *
 * @throws KerberosError CONFIGURATION_UNREADABLE if none of the listed files, or an included file, can be read;
 *   CONFIGURATION_INVALID with file and line
 */
export async function loadConfiguration(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Configuration> {
  return configurationOf(await loadSections(environment));
}

/** The merged, uninterpreted sections of the files. @throws KerberosError as {@link loadConfiguration} does */
export async function loadSections(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Section> {
  const named = environment.KRB5_CONFIG?.split(':').filter(Boolean);
  const files = named?.length ? named : [usualFile];
  const failures: unknown[] = [];
  let sections = emptySection();
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => void failures.push(error));
    if (text === undefined) continue;
    const own = emptySection();
    await readInto(own, text, file, 0);
    sections = mergeSections(sections, own);
  }
  if (named?.length && failures.length === files.length) {
    throw new KerberosError(
      'CONFIGURATION_UNREADABLE',
      `No configuration file can be read: ${files.join(', ')}.`,
      {
        cause: failures[0],
      },
    );
  }
  return sections;
}

/**
 * Reads the text of a krb5.conf instead of a file. @throws KerberosError CONFIGURATION_INVALID, also for an `include`
 */
export function configurationFrom(text: string): Configuration {
  const sections = emptySection();
  for (const _ of parseKrb5Conf(text, 'krb5.conf', sections)) {
    throw new KerberosError(
      'CONFIGURATION_INVALID',
      'A configuration that is given as text cannot include files.',
    );
  }
  return configurationOf(sections);
}

async function readInto(root: Section, text: string, file: string, depth: number): Promise<void> {
  if (depth > maximalDepth) {
    throw new KerberosError(
      'CONFIGURATION_INVALID',
      `The configuration file ${file} is included in a circle, or too deep.`,
    );
  }
  for (const { kind, path } of parseKrb5Conf(text, file, root)) {
    for (const included of kind === 'file' ? [path] : await filesOf(path)) {
      await readInto(root, await readIncluded(included, file), included, depth + 1);
    }
  }
}

/** Names made of letters, digits, dashes and underscores, or ending in `.conf`. Backup files are skipped. */
async function filesOf(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new KerberosError('CONFIGURATION_UNREADABLE', `The folder ${directory} cannot be read.`, { cause });
  });
  return names
    .filter((name) => /^[\w-]+$/.test(name) || /^[^.].*\.conf$/.test(name))
    .sort()
    .map((name) => join(directory, name));
}

function readIncluded(path: string, from: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new KerberosError(
      'CONFIGURATION_UNREADABLE',
      `The configuration file ${path}, which ${from} includes, cannot be read.`,
      {
        cause,
      },
    );
  });
}
