import { join } from 'node:path';
import type { DomainNames } from './domain-names.ts';

/**
 * Renders the domain controller's smb.conf(5): all paths are below its own folder, all sockets on its own loopback
 * address, and it runs only the services that Kerberos and LDAP need.
 */
export function renderSmbConf(names: DomainNames, directory: string, address: string): string {
  const paths: Record<string, string> = {
    'private dir': 'private',
    'state directory': 'state',
    'cache directory': 'cache',
    'lock directory': 'lock',
    'pid directory': 'run',
    'ncalrpc dir': 'ncalrpc',
    'binddns dir': 'bind-dns',
    'ntp signd socket directory': 'ntp',
    'winbindd socket directory': 'winbindd',
  };
  return `${[
    '[global]',
    'netbios name = DC1',
    `realm = ${names.realm}`,
    `workgroup = ${names.netbiosName}`,
    'server role = active directory domain controller',
    'server services = kdc, ldap, cldap',
    // Samba finds no interface for a plain loopback address; with a mask it uses the address as given.
    `interfaces = ${address}/24`,
    'bind interfaces only = yes',
    ...Object.entries(paths).map(([option, folder]) => `${option} = ${join(directory, folder)}`),
    `log file = ${join(directory, 'samba.log')}`,
    // The directory's clients here sign and seal LDAP. With TLS, half of the start time was spent on generating a
    // certificate key.
    'tls enabled = no',
    'log level = 1',
    'load printers = no',
    'disable spoolss = yes',
    'usershare max shares = 0',
    // The default runs the machine's mail program.
    'panic action =',
    '[sysvol]',
    `path = ${join(directory, 'state', 'sysvol')}`,
    'read only = no',
  ].join('\n')}\n`;
}
