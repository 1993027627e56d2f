import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { KerberosSite } from './kerberos-site.ts';
import type { IssuedCertificate } from './tds-server/certificate.ts';

export interface BindingServerOptions {
  readonly certificate?: IssuedCertificate;
  /** TLS around TDS, as with `encrypt: 'strict'`. */
  readonly strict?: boolean;
  /** Refuse logins without channel binding. Default: true. */
  readonly demand?: boolean;
  /** Accept TLS 1.3 as well. */
  readonly tls13?: boolean;
}

/** A login as the server saw it. */
export interface SeenLogin {
  readonly client: string | null;
  readonly bound: boolean;
  readonly error: string | null;
}

export interface BindingServer {
  readonly port: number;
  readonly logins: readonly SeenLogin[];
  stop(): Promise<void>;
}

let count = 0;

/** Starts the server in `binding_server.py`, with the keytab of the site's SQL Server. */
export async function startBindingServer(
  site: KerberosSite,
  { certificate, strict = false, demand = true, tls13 = false }: BindingServerOptions,
): Promise<BindingServer> {
  count += 1;
  const write = async (name: string, text: string | undefined) => {
    if (text === undefined) return '';
    const file = join(site.directory, `binding-server-${count}-${name}.pem`);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const settings = {
    address: site.address,
    certificate: await write('certificate', certificate?.cert),
    key: await write('key', certificate?.key),
    ...{ strict, demand, tls13 },
  };
  const program = fileURLToPath(new URL('binding_server.py', import.meta.url));
  // Debian's own interpreter, for which Debian's package python3-gssapi is built.
  const child = spawn('/usr/bin/python3', [program, JSON.stringify(settings)], {
    env: { KRB5_CONFIG: site.domain.krb5Conf, KRB5_KTNAME: site.keytab, KRB5RCACHENAME: 'none:' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const logins: SeenLogin[] = [];
  const ready = Promise.withResolvers<number>();
  child.once('exit', () => ready.reject(new Error('The server has ended: is python3-gssapi installed?')));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line);
    if ('port' in said) ready.resolve(said.port);
    else logins.push(said);
  });
  return {
    port: await ready.promise,
    logins,
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
