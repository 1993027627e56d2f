import type { CheckedEnvironment } from './environment.ts';

type InDirectory = Pick<CheckedEnvironment, 'account' | 'region' | 'directory' | 'domain'>;
type Directory = CheckedEnvironment['directory'];

/**
 * Whether two environments use the same directory. Managed directories are compared by id, which is the same in all
 * regions that one is replicated to. Others, and those whose id is in a parameter, are compared by name and a common
 * DNS server, because two domains may have the same name.
 *
 * @param all the domain of environments that name none
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_configure_multi_region_replication.html
 */
export function isOneDirectory(
  { domain: all }: { readonly domain?: { readonly name: string } | undefined },
  environment: InDirectory,
  other: InDirectory,
): boolean {
  const [one, two] = [environment.directory, other.directory];
  // Each environment creates its own directory.
  if (one.type === 'new' || two.type === 'new') return false;
  if (one.type === 'managed' && two.type === 'managed') {
    if (environment.account !== other.account) return false;
    if (isKnown(one) && isKnown(two)) return one.directoryId === two.directoryId;
    if (environment.region === other.region && one.directoryId === two.directoryId) return true;
  }
  const name = ({ domain = all }: Pick<InDirectory, 'domain'>) => domain?.name;
  return (
    name(environment) === name(other) &&
    one.dnsAddresses.some((address) => two.dnsAddresses.includes(address))
  );
}

function isKnown({ directoryId }: Extract<Directory, { type: 'managed' }>): boolean {
  return !directoryId.startsWith('ssm:');
}
