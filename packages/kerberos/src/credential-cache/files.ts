import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { KerberosError } from '../errors/kerberos-error.ts';
import type { CredentialCache } from './credential-cache.ts';
import { formatCredentialCache, parseCredentialCache } from './format.ts';
import { credentialCachePath } from './location.ts';
import { readRegularFile } from './regular-file.ts';

/** A cache that is no good may just be written: MIT Kerberos appends to it in place. */
const rereads = { count: 5, milliseconds: 50 };

/**
 * Reads a credential cache, versions 3 and 4; once more, a few times, when there is half of it.
 *
 * @param name `FILE:/path`, a path, or a `DIR:` cache
 * @throws KerberosError CREDENTIAL_CACHE_NOT_FOUND, _UNREADABLE, _MALFORMED or _UNSUPPORTED
 */
export async function readCredentialCache(name: string): Promise<CredentialCache> {
  const path = await credentialCachePath(name);
  return withPath(path, async () => {
    for (let left = rereads.count; ; left -= 1) {
      const content = await readRegularFile(path).catch(unreadable);
      try {
        return parseCredentialCache(content);
      } catch (error) {
        if (left === 0 || (error as KerberosError).code !== 'CREDENTIAL_CACHE_MALFORMED') throw error;
      }
      await delay(rereads.milliseconds);
    }
  });
}

/** What the file system says besides what has a sentence of its own: too many open files, a broken disk, a ring of links. */
function unreadable(error: NodeJS.ErrnoException): never {
  if (error instanceof KerberosError) throw error;
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR'].includes(error.code ?? '')) throw error;
  throw new KerberosError(
    'CREDENTIAL_CACHE_UNREADABLE',
    `The credential cache cannot be read: ${error.code}.`,
    {
      cause: error,
    },
  );
}

export interface WriteCredentialCacheOptions {
  /** Default 4. */
  readonly version?: 3 | 4;
  /** Mode of the file; default 0600. */
  readonly mode?: number;
}

/**
 * Writes a credential cache: whole, beside the old one, then in its place, so that nobody reads half of it.
 *
 * @throws KerberosError CREDENTIAL_CACHE_UNREADABLE or _UNSUPPORTED; any other error of the file system as it is; RangeError
 *   for a version, an offset or a time that is none
 */
export async function writeCredentialCache(
  name: string,
  cache: CredentialCache,
  { version = 4, mode = 0o600 }: WriteCredentialCacheOptions = {},
): Promise<void> {
  const path = await credentialCachePath(name);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await withPath(path, async () => {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(formatCredentialCache(cache, version));
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }).catch(async (error) => {
    await rm(temporary, { force: true });
    throw error;
  });
}

/** Names the file in what goes wrong with it. */
async function withPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KerberosError) {
      throw new KerberosError(error.code, `${error.message} (${path})`, { cause: error });
    }
    const code = (error as NodeJS.ErrnoException).code;
    const options = { cause: error };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new KerberosError(
        'CREDENTIAL_CACHE_NOT_FOUND',
        `No Kerberos credentials available: there is no credential cache ${path}.`,
        options,
      );
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw new KerberosError(
        'CREDENTIAL_CACHE_UNREADABLE',
        `Credentials cache permissions incorrect: ${path} may not be opened.`,
        options,
      );
    }
    if (code === 'EISDIR') {
      throw new KerberosError(
        'CREDENTIAL_CACHE_MALFORMED',
        `The credential cache ${path} is a folder.`,
        options,
      );
    }
    throw error;
  }
}
