import { lookup } from 'node:dns/promises';

/**
 * Why none of the listed domain controllers can be found by its name, if that is so. MIT's library tells a name that has no
 * address in the words of a domain controller that is silent. This asks the same resolver (getaddrinfo(3)).
 * @param kdcs as krb5.conf(5) has them
 * @returns `undefined` when one has an address, or none is listed
 */
export async function unresolvedNames(kdcs: readonly string[]): Promise<string | undefined> {
  const looks = await Promise.allSettled(kdcs.map((kdc) => lookup(hostOf(kdc))));
  const refused = looks.filter((look) => look.status === 'rejected');
  return kdcs.length > 0 && refused.length === kdcs.length
    ? refused.map(({ reason }) => (reason as Error).message).join(', ')
    : undefined;
}

function hostOf(kdc: string): string {
  const { address, name = '' } = /^(\[(?<address>.*)\]|(?<name>[^:]*))/.exec(kdc)?.groups ?? {};
  return address ?? name;
}
