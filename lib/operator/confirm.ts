import { createInterface } from 'node:readline/promises';
import { ReleaseError } from '../aws/errors.ts';

export interface Asking {
  /** Whether a person can answer. */
  readonly terminal: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks whether to continue; any answer but yes means no.
 *
 * @param options whether yes was given in advance, and a hint how to do so
 * @throws ReleaseError if nobody can be asked
 */
export async function confirm(
  question: string,
  { terminal, json, signal }: Asking,
  { yes = false, hint }: { readonly yes?: boolean; readonly hint: string },
): Promise<boolean> {
  if (yes) return true;
  if (!terminal || json) throw new ReleaseError(`${question} Nobody can be asked here: ${hint}.`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new AbortController();
  // Readline receives Ctrl-C as a key, so pass it on; the end of the input counts as no.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  lines.once('close', () => closed.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, {
      signal: AbortSignal.any([signal, closed.signal]),
    });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (closed.signal.aborted && !signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
