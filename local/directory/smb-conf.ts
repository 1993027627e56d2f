import { join } from 'node:path';
import type { DomainNames } from './domain-names.ts';

/**
 * The domain controller's smb.conf(5): every path below its own folder, every socket on its own loopback address,
 * and only the services that Kerberos and LDAP need.
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
    // Samba finds no interface for a bare loopback address; with a mask it takes the address at its word.
    `interfaces = ${address}/24`,
    'bind interfaces only = yes',
    ...Object.entries(paths).map(([option, folder]) => `${option} = ${join(directory, folder)}`),
    `log file = ${join(directory, 'samba.log')}`,
    // What uses the directory here signs and seals its LDAP; with TLS, half of the start went into the key of a certificate.
    'tls enabled = no',
    'log level = 1',
    'load printers = no',
    'disable spoolss = yes',
    'usershare max shares = 0',
    // Its default runs a mail program of the machine's.
    'panic action =',
    '[sysvol]',
    `path = ${join(directory, 'state', 'sysvol')}`,
    'read only = no',
  ].join('\n')}\n`;
}
