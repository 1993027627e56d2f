import { lookup } from 'node:dns/promises';

/**
 * Says why no listed domain controller's name resolves, if that is so. MIT's library reports a name without an address
 * in the same words as a silent domain controller. This asks the same resolver (getaddrinfo(3)).
 * @param kdcs in the form of krb5.conf(5)
 * @returns `undefined` if one has an address, or none is listed
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
