import type { AuthenticationSession, Authenticator, LoginTarget } from 'tedious-kerberos';
import type { LoginScript } from './tds-server/scripted-server.ts';
import { done, loginAck, sspi } from './tds-server/tokens.ts';

export interface ScriptedAuthenticator extends Authenticator {
  readonly targets: readonly LoginTarget[];
  readonly serverTokens: readonly Buffer[];
  readonly begun: number;
  readonly disposed: number;
}

export interface ScriptedAuthenticatorOptions {
  readonly initialToken?: (signal: AbortSignal) => Buffer | Promise<Buffer>;
  /** Answers to the server's tokens; after the last one, there is no further answer. */
  readonly answers?: readonly Buffer[];
  /** The token by which the server proves its identity. */
  readonly proof?: Buffer;
}

export const proof = Buffer.from('proof');

/** Accepts a login and sends the proof. */
export const accept: LoginScript = (client) => client.send([sspi(proof), loginAck(), done()]);

/** An authenticator without Kerberos, which accepts a server that sends the proof. */
export function scriptedAuthenticator(options: ScriptedAuthenticatorOptions = {}): ScriptedAuthenticator {
  const targets: LoginTarget[] = [];
  const serverTokens: Buffer[] = [];
  let disposed = 0;
  return {
    targets,
    serverTokens,
    get begun() {
      return targets.length;
    },
    get disposed() {
      return disposed;
    },
    begin(target): AuthenticationSession {
      targets.push(target);
      const answers = [...(options.answers ?? [])];
      let complete = false;
      return {
        initialToken: async (signal) => options.initialToken?.(signal) ?? Buffer.from('initial'),
        nextToken: async (token) => {
          serverTokens.push(token);
          if (token.equals(options.proof ?? proof)) complete = true;
          return answers.shift();
        },
        get complete() {
          return complete;
        },
        dispose() {
          disposed += 1;
        },
      };
    },
  };
}
