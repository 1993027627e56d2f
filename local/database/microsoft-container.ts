import { chmod, chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverCertificate } from './certificates.ts';

export interface MicrosoftContainer {
  /** Folder that the container mounts; made if need be, and never replaced, as a running container would not notice. */
  readonly folder: string;
  readonly target: { readonly host: string; readonly port: number };
  /** The name that the server's certificate is for. */
  readonly tlsName: string;
  /** Account that the keytab is of. */
  readonly account: string;
  readonly keytab: string;
  readonly krb5Conf: string;
  /** DNS name of the domain, and the address of its controller. */
  readonly domain: { readonly name: string; readonly controller: string };
}

/** Where the image expects secrets, and the user it runs as. */
const secrets = '/var/opt/mssql/secrets';
const mssql = 10_001;

/**
 * Writes what Microsoft's image of SQL Server needs to join in: keytab, certificate, mssql.conf and krb5.conf.
 * Not run here, where no registry has the image: it follows Microsoft's documentation.
 *
 * @see https://learn.microsoft.com/sql/linux/sql-server-linux-containers-ad-auth-adutil-tutorial
 * @see https://learn.microsoft.com/sql/linux/sql-server-linux-configure-mssql-conf
 * @returns the authority of the certificate, and the command that starts the container, for a person
 */
export async function prepareMicrosoftContainer(
  options: MicrosoftContainer,
): Promise<{ readonly authorityFile: string; readonly instructions: string }> {
  const { folder, target, tlsName, account, domain } = options;
  await mkdir(folder, { recursive: true });
  const { key, certificate, caFile } = await serverCertificate(join(folder, 'authority'), tlsName, 'rsa');
  await copyFile(options.keytab, join(folder, 'sql-server.keytab'));
  await copyFile(options.krb5Conf, join(folder, 'krb5.conf'));
  await writeFile(join(folder, 'server.pem'), certificate);
  await writeFile(join(folder, 'server-key.pem'), key, { mode: 0o400 });
  await writeFile(join(folder, 'mssql.conf'), mssqlConf(target, account));
  for (const name of ['sql-server.keytab', 'server-key.pem']) {
    await chmod(join(folder, name), 0o400);
    await chown(join(folder, name), mssql, 0);
  }
  return { authorityFile: caFile, instructions: instructions(folder, domain) };
}

function mssqlConf({ host, port }: MicrosoftContainer['target'], account: string): string {
  const network = {
    tcpport: port,
    // The container shares this machine's network, and nobody else has business with it.
    ...(isLoopback(host) ? { ipaddress: host === 'localhost' ? '127.0.0.1' : host } : {}),
    kerberoskeytabfile: `${secrets}/sql-server.keytab`,
    privilegedadaccount: account,
    enablekdcfromkrb5conf: true,
    disablesssd: true,
    forceencryption: 1,
    tlsprotocols: '1.2',
    tlscert: `${secrets}/server.pem`,
    tlskey: `${secrets}/server-key.pem`,
  };
  const lines = Object.entries(network).map(([name, value]) => `${name} = ${value}`);
  return `${['[network]', ...lines].join('\n')}\n`;
}

const isLoopback = (host: string) => host === 'localhost' || host.startsWith('127.');

function instructions(folder: string, { name, controller }: MicrosoftContainer['domain']): string {
  return `Microsoft's SQL Server in a container can be it (not run here: written after Microsoft's documentation):

  export MSSQL_SA_PASSWORD="$SQL_SERVER_ADMIN_PASSWORD"
  docker run --detach --name rehearsal-sql-server --network host \\
    --add-host dc1.${name}:${controller} --add-host ${name}:${controller} \\
    --env ACCEPT_EULA=Y --env MSSQL_SA_PASSWORD \\
    --volume ${folder}:${secrets}:ro \\
    --volume ${folder}/mssql.conf:/var/opt/mssql/mssql.conf:ro \\
    --volume ${folder}/krb5.conf:/etc/krb5.conf:ro \\
    mcr.microsoft.com/mssql/server:2022-latest

Any other SQL Server needs the keytab ${folder}/sql-server.keytab; after a later rehearsal it must read it
again (docker restart), because each rehearsal gives the server's account a new key.`;
}
