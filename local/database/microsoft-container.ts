import { chmod, chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverCertificate } from './certificates.ts';

export interface MicrosoftContainer {
  /**
   * Folder that the container mounts. Created if needed, but not replaced, because a running container would keep the
   * old one.
   */
  readonly folder: string;
  readonly target: { readonly host: string; readonly port: number };
  /** The name in the server's certificate. */
  readonly tlsName: string;
  /** The account whose keys are in the keytab. */
  readonly account: string;
  readonly keytab: string;
  readonly krb5Conf: string;
  /** DNS name of the domain, and the address of its domain controller. */
  readonly domain: { readonly name: string; readonly controller: string };
}

/** Where the image expects secrets, and the user it runs as. */
const secrets = '/var/opt/mssql/secrets';
const mssql = 10_001;

/**
 * Writes the files with which Microsoft's image of SQL Server can join the domain: keytab, certificate, mssql.conf and
 * krb5.conf. It follows Microsoft's documentation and has not been run here, because no reachable registry has the
 * image.
 *
 * @see https://learn.microsoft.com/sql/linux/sql-server-linux-containers-ad-auth-adutil-tutorial
 * @see https://learn.microsoft.com/sql/linux/sql-server-linux-configure-mssql-conf
 * @returns the certificate's authority, and instructions for the user with the command that starts the container
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
    // The container shares this machine's network, so restrict it to loopback.
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
  return `You can use Microsoft's SQL Server in a container (not run here; the command follows Microsoft's documentation):

  export MSSQL_SA_PASSWORD="$SQL_SERVER_ADMIN_PASSWORD"
  docker run --detach --name rehearsal-sql-server --network host \\
    --add-host dc1.${name}:${controller} --add-host ${name}:${controller} \\
    --env ACCEPT_EULA=Y --env MSSQL_SA_PASSWORD \\
    --volume ${folder}:${secrets}:ro \\
    --volume ${folder}/mssql.conf:/var/opt/mssql/mssql.conf:ro \\
    --volume ${folder}/krb5.conf:/etc/krb5.conf:ro \\
    mcr.microsoft.com/mssql/server:2022-latest

Any other SQL Server needs the keytab ${folder}/sql-server.keytab. It must read it again after each
later rehearsal (docker restart), because every rehearsal gives the server's account a new key.`;
}
