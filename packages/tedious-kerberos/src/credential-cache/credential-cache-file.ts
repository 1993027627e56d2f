/**
 * The file that holds the credential cache of this process, as MIT Kerberos names it in `KRB5CCNAME`:
 * `FILE:/path`, or just a path; without the variable, `/tmp/krb5cc_<uid>`, whatever `default_ccache_name` of krb5.conf says.
 *
 * @returns nothing for a cache that is not a file (KCM, KEYRING, DIR, MEMORY, API), or an empty variable, which names none
 * @see https://web.mit.edu/kerberos/krb5-1.20/doc/basic/ccache_def.html
 */
export function credentialCacheFile(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const name = environment.KRB5CCNAME;
  if (name === '') return undefined;
  if (name === undefined) return process.getuid ? `/tmp/krb5cc_${process.getuid()}` : undefined;
  if (name.startsWith('FILE:')) return name.slice('FILE:'.length);
  return /^[A-Za-z]+:/.test(name) ? undefined : name;
}
