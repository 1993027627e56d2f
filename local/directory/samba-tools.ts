import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Access to the domain's database, as samba-tool(8) and ldb-tools have on the domain controller itself. */
export interface SambaTools {
  /**
   * Runs `samba-tool` against this domain.
   *
   * @returns its standard output
   * @throws Error with samba-tool's own message
   */
  samba(args: readonly string[]): Promise<string>;
  /**
   * Applies LDIF (RFC 2849) in one transaction.
   *
   * @throws Error with the database's own message
   */
  modify(ldif: string): Promise<void>;
  /** Searches for entries and returns their LDIF. */
  search(filter: string, attributes?: readonly string[]): Promise<string>;
}

export interface SambaToolsProcess extends SambaTools {
  /** Ends the process that runs the tools; the next call starts another. */
  endTools(): Promise<void>;
}

type Answer = { readonly done: string } | { readonly failed: string };

/**
 * Milliseconds for one request, including the wait for earlier requests: tests that run in parallel create dozens of
 * users at the same time.
 */
const timeLimit = 300_000;

const program = join(import.meta.dirname, 'samba_tools.py');

/** Runs the tools in one process, which starts with the first call: see `samba_tools.py`. */
export function sambaTools(smbConf: string): SambaToolsProcess {
  let running: Tools | undefined;
  const ask = async (request: object) => {
    running ??= new Tools(smbConf, () => {
      running = undefined;
    });
    return await running.ask(request);
  };
  return {
    async samba(args) {
      const answer = await ask({ samba: args });
      if ('done' in answer) return answer.done;
      throw new Error(`samba-tool ${args.slice(0, 3).join(' ')}: ${said(answer.failed)}`);
    },
    async modify(ldif) {
      const answer = await ask({ modify: ldif });
      if ('failed' in answer) throw new Error(`ldbmodify: ${said(answer.failed)}`);
    },
    async search(filter, attributes = []) {
      const answer = await ask({ search: { filter, attributes } });
      if ('done' in answer) return answer.done;
      throw new Error(`ldbsearch: ${said(answer.failed)}`);
    },
    async endTools() {
      await running?.end();
    },
  };
}

class Tools {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  /** The callers that wait for an answer, in the order of their requests. */
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  #lastWords = '';

  constructor(smbConf: string, onEnd: () => void) {
    // Debian's own interpreter, for which its package python3-samba is built. Detached, so that our Ctrl-C does not end
    // it.
    this.#child = spawn('/usr/bin/python3', [program, smbConf], { detached: true });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-2000);
    });
    createInterface(this.#child.stdout).on('line', (line) =>
      this.#waiting.shift()?.resolve(JSON.parse(line)),
    );
    // The process may have ended before it has read a request.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      const end = (error?: Error) => {
        onEnd();
        const reason = `Samba's tools have ended: ${error?.message ?? said(this.#lastWords)}`;
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
        resolve();
      };
      this.#child.once('error', end);
      this.#child.once('close', () => end());
    });
  }

  ask(request: object): Promise<Answer> {
    const waiter = Promise.withResolvers<Answer>();
    this.#waiting.push(waiter);
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const limit = setTimeout(() => {
      this.#lastWords = `no answer within ${timeLimit / 1000} s`;
      this.#child.kill('SIGKILL');
    }, timeLimit);
    return waiter.promise.finally(() => clearTimeout(limit));
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}

function said(text: string): string {
  const lines = text.trim().split('\n');
  return (
    lines
      .filter((line) => /ERR|rror|failed/.test(line))
      .at(-1)
      ?.trim() ||
    lines.at(-1) ||
    'failed without a message'
  );
}
