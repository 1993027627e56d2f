import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KerberosError } from '../errors/kerberos-error.ts';

/**
 * The name of this process' credential cache: `KRB5CCNAME`, or else `default_ccache_name` of krb5.conf, or else
 * `FILE:/tmp/krb5cc_<uid>`.
 *
 * @param configured the value of `default_ccache_name`; `%{uid}` and its like are filled in
 */
export function credentialCacheName(
  configured: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (environment.KRB5CCNAME) return environment.KRB5CCNAME;
  // The tokens of krb5.conf(5) that make sense in a cache's name.
  const tokens: Readonly<Record<string, string>> = {
    uid: String(process.getuid?.() ?? 0),
    USERID: String(process.getuid?.() ?? 0),
    euid: String(process.geteuid?.() ?? 0),
    TEMP: '/tmp',
    null: '',
    username: environment.USER ?? environment.LOGNAME ?? '',
  };
  const name = configured ?? 'FILE:/tmp/krb5cc_%{uid}';
  return name.replace(/%\{(\w+)\}/g, (token, word) => tokens[word] ?? token);
}

/**
 * The file behind a cache's name: `FILE:/path`, a path alone, `DIR::/path/tkt` (one cache of a collection), or
 * `DIR:/path` (the one that the collection's file `primary` names).
 *
 * @throws KerberosError CREDENTIAL_CACHE_UNSUPPORTED for a cache that is not in a file (KCM, KEYRING, MEMORY, API),
 *   CREDENTIAL_CACHE_NOT_FOUND for a name that ends with its type
 */
export async function credentialCachePath(name: string): Promise<string> {
  const [, type, rest] = /^([A-Za-z]{2,}):(.*)$/s.exec(name) ?? [];
  if (type === undefined || rest === undefined) return name;
  if (/^(FILE|DIR)$/.test(type) && /^:?$/.test(rest)) {
    throw new KerberosError('CREDENTIAL_CACHE_NOT_FOUND', `The credential cache "${name}" names no place.`);
  }
  if (type === 'FILE') return rest;
  if (type === 'DIR') return rest.startsWith(':') ? rest.slice(1) : join(rest, await primaryOf(rest));
  throw new KerberosError('CREDENTIAL_CACHE_UNSUPPORTED', `The credential cache ${name} is not in a file.`);
}

/** The primary cache of a collection; `tkt` where nobody has chosen one. */
async function primaryOf(directory: string): Promise<string> {
  const chosen = await readFile(join(directory, 'primary'), 'utf8').catch(() => 'tkt');
  const file = chosen.split('\n', 1)[0]?.trim() ?? '';
  // What is written there must not lead out of the folder.
  if (!/^tkt/.test(file) || dirname(file) !== '.') {
    throw new KerberosError(
      'CREDENTIAL_CACHE_MALFORMED',
      `${directory}/primary does not name a credential cache.`,
    );
  }
  return file;
}
