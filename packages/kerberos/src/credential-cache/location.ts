import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { KerberosError } from '../errors/kerberos-error.ts';
import { readRegularFile } from './regular-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The name of this process's credential cache: `KRB5CCNAME`, or else `default_ccache_name` of krb5.conf, or else
 * `FILE:/tmp/krb5cc_<uid>`.
 *
 * @param configured the value of `default_ccache_name`; parameters such as `%{uid}` are expanded
 * @throws KerberosError CONFIGURATION_INVALID for an unknown `%{…}`, or for the user name of a user who has none
 */
export function credentialCacheName(
  configured: string | undefined,
  environment: Environment = process.env,
): string {
  // As in MIT Kerberos, an empty value counts too: it names no cache.
  if (environment.KRB5CCNAME !== undefined) return environment.KRB5CCNAME;
  const name = configured ?? 'FILE:/tmp/krb5cc_%{uid}';
  return name.replace(/%\{([^}]*)\}?/g, (token, word) => {
    const value = Object.hasOwn(parameters, word) ? parameters[word]?.(environment) : undefined;
    if (value !== undefined && token.endsWith('}')) return value;
    throw new KerberosError(
      'CONFIGURATION_INVALID',
      `default_ccache_name is "${name}", but there is no value for ${token}: only ${Object.keys(parameters).join(', ')} are known.`,
    );
  });
}

/** Parameters of krb5.conf(5), except for the installation folders of MIT Kerberos. */
const parameters: Readonly<Record<string, (environment: Environment) => string | undefined>> = {
  uid: () => String(process.getuid?.() ?? 0),
  USERID: () => String(process.getuid?.() ?? 0),
  euid: () => String(process.geteuid?.() ?? 0),
  TEMP: ({ TMPDIR }) => TMPDIR ?? '/tmp',
  null: () => '',
  username: nameOfUser,
};

/** Asks the system, because variables such as USER may hold anything. In a container, the user ID may have no name. */
function nameOfUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/**
 * The file that a cache name refers to: `FILE:/path`, a plain path, `DIR::/path/tkt` (one cache of a collection), or
 * `DIR:/path` (the cache named in the collection's file `primary`).
 *
 * @throws KerberosError CREDENTIAL_CACHE_UNSUPPORTED for a cache that is not in a file (KCM, KEYRING, MEMORY, API),
 *   CREDENTIAL_CACHE_NOT_FOUND for an empty name or one that consists of a type only
 */
export async function credentialCachePath(name: string): Promise<string> {
  if (name === '') {
    throw new KerberosError(
      'CREDENTIAL_CACHE_NOT_FOUND',
      'The name of the credential cache is empty: give KRB5CCNAME or default_ccache_name a value, or leave it out.',
    );
  }
  // As in MIT Kerberos, the part before a colon is a type, except for a single letter, which is a drive.
  const [, type, rest] = /^((?![A-Za-z]:|\/)[^:]*):(.*)$/s.exec(name) ?? [];
  if (type === undefined || rest === undefined) return name;
  if (/^(FILE|DIR)$/.test(type) && /^:?$/.test(rest)) {
    throw new KerberosError('CREDENTIAL_CACHE_NOT_FOUND', `The credential cache "${name}" names no place.`);
  }
  if (type === 'FILE') return rest;
  if (type === 'DIR') return rest.startsWith(':') ? member(name) : join(rest, await primaryOf(rest));
  const why = /^(KCM|KEYRING|MEMORY|API|MSLSA)$/.test(type)
    ? 'not in a file'
    : `of a type that is not known, ${type}: FILE and DIR are, in capitals; a path with a colon is written FILE:<path>`;
  throw new KerberosError('CREDENTIAL_CACHE_UNSUPPORTED', `The credential cache ${name} is ${why}.`);
}

/** One cache of a collection. Like MIT Kerberos, accepts only a full path whose file name starts with `tkt`. */
function member(name: string): string {
  const path = name.slice('DIR::'.length);
  if (/\/tkt[^/]*$/.test(path)) return path;
  throw new KerberosError(
    'CREDENTIAL_CACHE_NOT_FOUND',
    `The credential cache "${name}" names none of a collection: their files are called tkt…, as in DIR::/run/krb5cc/tkt1; for another file write FILE:<path>.`,
  );
}

/** The primary cache of a collection; `tkt` if none has been chosen. */
async function primaryOf(directory: string): Promise<string> {
  const chosen = await readRegularFile(join(directory, 'primary')).then(String, () => 'tkt');
  const file = chosen.split('\n', 1)[0]?.trim() ?? '';
  // The name in the file must not point outside the folder.
  if (!/^tkt/.test(file) || dirname(file) !== '.') {
    throw new KerberosError(
      'CREDENTIAL_CACHE_MALFORMED',
      `${directory}/primary does not name a credential cache.`,
    );
  }
  return file;
}
