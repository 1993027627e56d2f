import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { KerberosError } from '../errors/kerberos-error.ts';
import type { CredentialCache } from './credential-cache.ts';
import { formatCredentialCache, parseCredentialCache } from './format.ts';
import { credentialCachePath } from './location.ts';
import { readRegularFile } from './regular-file.ts';

/** MIT Kerberos appends to a cache in place, so a malformed file may be one that is being written. */
const rereads = { count: 5, milliseconds: 50 };

/**
 * Reads a credential cache of version 3 or 4. Retries a few times if the file is incomplete.
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

/** Wraps file system errors that `withPath` has no message for: too many open files, a broken disk, a loop of links. */
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
 * Writes a credential cache atomically: into a temporary file in the same folder, which is then renamed, so readers
 * never see half of it.
 *
 * @throws KerberosError CREDENTIAL_CACHE_UNREADABLE or _UNSUPPORTED; other file system errors unchanged; RangeError for
 *   an invalid version, offset or time
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

/** Adds the path to errors about the file. */
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
