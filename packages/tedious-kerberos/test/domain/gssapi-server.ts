import kerberos from 'kerberos';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../../../local/testing/tds-server/scripted-server.ts';
import { done, error, loginAck, sspi } from '../../../../local/testing/tds-server/tokens.ts';
import type { KerberosSite } from './kerberos-site.ts';

export interface GssapiServer extends ScriptedServer {
  /** The clients whose tickets were accepted. */
  readonly clients: readonly string[];
  /** Changes the server's token before it is sent. */
  tamper: (token: Buffer) => Buffer;
  /** Called before a bad ticket is refused. */
  beforeRefusal: () => Promise<void> | void;
}

/** A TDS server that handles only the login, with MIT Kerberos as the acceptor. Refuses a bad ticket as SQL Server does. */
export async function startGssapiServer(site: KerberosSite): Promise<GssapiServer> {
  const clients: string[] = [];
  process.env.KRB5_CONFIG = site.domain.krb5Conf;
  process.env.KRB5_KTNAME = site.keytab;
  process.env.KRB5RCACHENAME = 'none:';
  const server = await startScriptedServer({
    address: site.address,
    port: 1433,
    async login(client, { sspi: token }) {
      try {
        const acceptor = await kerberos.initializeServer('');
        await acceptor.step(token.toString('base64'));
        clients.push(acceptor.username);
        const answer = gssapi.tamper(Buffer.from(acceptor.response ?? '', 'base64'));
        client.send([sspi(answer), loginAck(), done()]);
      } catch {
        await gssapi.beforeRefusal();
        const text = 'Login failed. The login is from an untrusted domain and cannot be used.';
        client.send([error(18452, 1, text), done(2)]);
      }
    },
  });
  const gssapi: GssapiServer = Object.assign(server, {
    clients,
    tamper: (token: Buffer) => token,
    beforeRefusal: () => {},
  });
  return gssapi;
}
