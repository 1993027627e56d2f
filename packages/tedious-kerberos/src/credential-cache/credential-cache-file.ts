/**
 * The path of this process's credential cache, taken from `KRB5CCNAME` (`FILE:/path`, or just a path). Without the variable,
 * `/tmp/krb5cc_<uid>`; `default_ccache_name` in krb5.conf is not considered.
 *
 * @returns undefined for a cache that is not a file (KCM, KEYRING, DIR, MEMORY, API), and for an empty variable
 * @see https://web.mit.edu/kerberos/krb5-1.20/doc/basic/ccache_def.html
 */
export function credentialCacheFile(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const name = environment.KRB5CCNAME;
  if (name === '') return undefined;
  if (name === undefined) return process.getuid ? `/tmp/krb5cc_${process.getuid()}` : undefined;
  if (name.startsWith('FILE:')) return name.slice('FILE:'.length);
  return /^[A-Za-z]+:/.test(name) ? undefined : name;
}
