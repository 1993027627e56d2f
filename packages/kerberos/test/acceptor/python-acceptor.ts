import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** An acceptor's answer to a token. */
export interface Acceptance {
  readonly token: Buffer | undefined;
  readonly complete: boolean;
  /** The client, if accepted. */
  readonly client: string | undefined;
  /** Whether the client sent the right channel binding (GSS_C_CHANNEL_BOUND_FLAG). */
  readonly bound: boolean;
  readonly error: string | undefined;
}

/** The acceptor's side of one login. */
export interface AcceptingContext {
  step(token: Buffer): Promise<Acceptance>;
}

export interface PythonAcceptor {
  /** @param binding prefix and value of the acceptor's own channel binding */
  begin(binding?: Buffer): AcceptingContext;
  stop(): Promise<void>;
}

export interface PythonAcceptorOptions {
  readonly keytab: string;
  readonly krb5Conf: string;
  /** Replay cache name as MIT Kerberos reads it; default `none:`. */
  readonly replayCache?: string;
}

/** Starts a process that accepts logins with MIT Kerberos. */
export function startPythonAcceptor({
  keytab,
  krb5Conf,
  replayCache = 'none:',
}: PythonAcceptorOptions): PythonAcceptor {
  const program = fileURLToPath(new URL('acceptor.py', import.meta.url));
  // Debian's own interpreter, because the binding is a Debian package for it.
  const child = spawn('/usr/bin/python3', [program], {
    env: { KRB5_KTNAME: keytab, KRB5_CONFIG: krb5Conf, KRB5RCACHENAME: replayCache },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;

  async function ask(request: object): Promise<Acceptance> {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('The acceptor has ended: is the Debian package python3-gssapi installed?');
    const answer = JSON.parse(value);
    return {
      token: answer.token === null ? undefined : Buffer.from(answer.token, 'base64'),
      complete: answer.complete,
      client: answer.client ?? undefined,
      bound: answer.bound,
      error: answer.error ?? undefined,
    };
  }

  return {
    begin(binding) {
      count += 1;
      const id = count;
      return {
        step(token) {
          const request = {
            id,
            token: token.toString('base64'),
            binding: binding?.toString('base64') ?? null,
          };
          const answer = last.then(() => ask(request));
          last = answer.catch(() => {});
          return answer;
        },
      };
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
