import { connect, kerberos, LoginError, query } from '../../src/index.ts';
import type { LoginOutcome, LoginRequest } from './login-process.ts';

/**
 * Logs in once and prints the outcome. Runs in a separate process, because Kerberos takes its configuration and credential
 * cache from the environment of the process.
 */
const request = JSON.parse(process.argv[2] ?? '') as LoginRequest;
console.log(JSON.stringify(await login(request)));

async function login({ connection, spn, sql, native, uid }: LoginRequest): Promise<LoginOutcome> {
  if (uid !== undefined) {
    await import('kerberos'); // while the process may still read it
    process.setgroups?.([]);
    process.setgid?.(uid);
    process.setuid?.(uid);
  }
  try {
    const authenticator = kerberos({ ...(spn !== undefined && { spn }), ...(native && { native }) });
    const established = await connect({ ...connection, authenticator });
    const { rows } = sql ? await query(established, sql) : { rows: [] };
    established.close();
    return { rows };
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    const { code, message, hint, step, gss, server } = error;
    return { error: { code, message, hint, step, gss, server } };
  }
}
