import { join } from 'node:path';
import { execa } from 'execa';
import type { TestDomain } from './test-domain.ts';

/** Prints the first token of a GSSAPI context, as the web service sends it. */
const initiate = `
import kerberos from 'kerberos';
const client = await kerberos.initializeClient(process.argv[1], {});
process.stdout.write(await client.step(''));`;

/** Accepts that token, as the SQL Server does. */
const accept = `
import kerberos from 'kerberos';
const server = await kerberos.initializeServer(process.argv[1]);
await server.step(process.argv[2]);
process.stdout.write(server.username);`;

const node = ['--input-type=module', '-e'];

/** The web service's token for a service principal, made from the files that the sidecar has published. */
export async function initiateContext(
  shared: string,
  spn: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await execa(process.execPath, [...node, initiate, hostBased(spn)], {
    cwd: import.meta.dirname,
    env: {
      ...environment,
      KRB5_CONFIG: join(shared, 'krb5.conf'),
      KRB5CCNAME: `FILE:${join(shared, 'krbcache')}`,
    },
  });
  return stdout;
}

/**
 * Decrypts a token with the keys of a keytab.
 * @returns the client's principal
 * @throws Error if no key fits, or if the authenticator's time differs from the server's
 */
export async function acceptContext(
  { domain }: TestDomain,
  spn: string,
  keytab: string,
  token: string,
): Promise<string> {
  const { stdout } = await execa(process.execPath, [...node, accept, hostBased(spn), token], {
    cwd: import.meta.dirname,
    env: { ...domain.environment, KRB5_KTNAME: keytab },
  });
  return stdout;
}

function hostBased(spn: string): string {
  return spn.replace('/', '@');
}
