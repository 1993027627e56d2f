import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Principal, parsePrincipal, samePrincipal } from '../principal.ts';
import { readCredentialCache } from './files.ts';
import { credentialCachePath } from './location.ts';

/**
 * The cache file of a client. In a collection (`DIR:/path`) it is the cache of this client; if there is none, and for
 * every other kind of name, it is the result of {@link credentialCachePath}.
 *
 * @param client with or without a realm; if undefined, the primary cache is used
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

/** Whether a principal has this name; the name may omit the realm. */
export function isOf(principal: Principal, name: string): boolean {
  return samePrincipal(parsePrincipal(name, principal.realm), principal);
}

function isCollection(name: string): boolean {
  return /^DIR:[^:]/.test(name);
}
