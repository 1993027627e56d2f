import { createRequire } from 'node:module';
import type { KerberosServer } from 'kerberos';
import { SqlError, sqlError } from '../sql-error.ts';

/** The result of accepting a client's GSSAPI token. */
export interface Acceptance {
  /** For the client, which uses it to verify the server's identity. */
  readonly token: Buffer;
  /** The client's principal, once the context is complete. */
  readonly principal: string | undefined;
}

/** The accepting side of GSSAPI for one login: SPNEGO or plain Kerberos, with any key in the keytab of `KRB5_KTNAME`. */
export class KerberosAcceptor {
  #server: KerberosServer | undefined;

  /** Accepts a token. Error 18452 if GSSAPI refuses it; `reason` is for the log. */
  async accept(token: Buffer): Promise<Acceptance> {
    try {
      // Loaded here because a server without a keytab does not need the native module.
      const kerberos = createRequire(import.meta.url)('kerberos') as typeof import('kerberos');
      // No name: any key of the keytab may be used, so the service may have several SPNs.
      this.#server ??= await kerberos.initializeServer('');
      await this.#server.step(token.toString('base64'));
    } catch (error) {
      throw new UntrustedLogin(error instanceof Error ? error.message : String(error));
    }
    const { response, contextComplete, username } = this.#server;
    return {
      token: Buffer.from(response ?? '', 'base64'),
      principal: contextComplete ? username : undefined,
    };
  }
}

/** Error 18452 as the client sees it, with GSSAPI's reason for the log. */
export class UntrustedLogin extends SqlError {
  readonly reason: string;

  constructor(reason: string) {
    super(18452, sqlError(18452).message, 14);
    this.reason = reason;
  }
}

/**
 * The Windows name of a principal, `CORP\db-user` for `db-user@CORP.EXAMPLE.COM`. {@link UntrustedLogin} if the principal
 * belongs to another realm.
 */
export function windowsAccount(principal: string, realm: string, netbiosName: string): string {
  const at = principal.lastIndexOf('@');
  if (principal.slice(at + 1) !== realm)
    throw new UntrustedLogin(`The principal ${principal} is not of ${realm}.`);
  return `${netbiosName}\\${principal.slice(0, at)}`;
}
