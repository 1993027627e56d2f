import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What an acceptor says to a token. */
export interface Acceptance {
  readonly token: Buffer | undefined;
  readonly complete: boolean;
  /** The client, when it is accepted. */
  readonly client: string | undefined;
  /** Whether the client's channel binding was there and right (GSS_C_CHANNEL_BOUND_FLAG). */
  readonly bound: boolean;
  readonly error: string | undefined;
}

/** One login at the acceptor's side. */
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
  /** MIT's name of a replay cache; default `none:`. */
  readonly replayCache?: string;
}

/** Starts a process that accepts logins with MIT Kerberos. */
export function startPythonAcceptor({
  keytab,
  krb5Conf,
  replayCache = 'none:',
}: PythonAcceptorOptions): PythonAcceptor {
  const program = fileURLToPath(new URL('acceptor.py', import.meta.url));
  // Debian's own interpreter, which Debian's package of the binding is for.
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
