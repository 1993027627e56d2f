import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Principal, parsePrincipal, samePrincipal } from '../principal.ts';
import { readCredentialCache } from './files.ts';
import { credentialCachePath } from './location.ts';

/**
 * The file of a client's cache: in a collection, `DIR:/path`, the one that is of this client; where none is, and for any
 * other name, what {@link credentialCachePath} says.
 *
 * @param client with or without a realm; without a client it is the primary cache
 * @throws KerberosError as {@link credentialCachePath} does
 */
export async function clientsCachePath(name: string, client: string | undefined): Promise<string> {
  const primary = await credentialCachePath(name).catch((error: unknown) => {
    if (client === undefined || !isCollection(name)) throw error;
    return undefined;
  });
  if (primary !== undefined && (client === undefined || !isCollection(name))) return primary;
  const folder = name.slice('DIR:'.length);
  const files = await readdir(folder).catch(() => []);
  const others = files.filter((file) => file.startsWith('tkt')).map((file) => join(folder, file));
  for (const path of new Set([...(primary === undefined ? [] : [primary]), ...others.sort()])) {
    const cache = await readCredentialCache(path).catch(() => undefined);
    if (cache && isOf(cache.principal, client as string)) return path;
  }
  return primary ?? credentialCachePath(name);
}

/** Whether a principal is the one of this name, which may leave out the realm. */
export function isOf(principal: Principal, name: string): boolean {
  return samePrincipal(parsePrincipal(name, principal.realm), principal);
}

function isCollection(name: string): boolean {
  return /^DIR:[^:]/.test(name);
}
