import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** MIT Kerberos' own library, which reports how it reads its input. */
export interface MitLibrary {
  /** Returns null if the library refuses the input. */
  ask<Answer>(
    question: { readonly paths: readonly string[] } & Record<string, unknown>,
  ): Promise<Answer | null>;
  stop(): void;
}

export function startMitLibrary(): MitLibrary {
  const program = fileURLToPath(new URL('mit-library.py', import.meta.url));
  const child = spawn('/usr/bin/python3', [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('MIT Kerberos does not answer: is its library (libkrb5-3) installed?');
      return JSON.parse(value);
    },
    stop: () => void child.kill(),
  };
}
