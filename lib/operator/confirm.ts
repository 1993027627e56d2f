import { createInterface } from 'node:readline/promises';
import { ReleaseError } from '../aws/errors.ts';

export interface Asking {
  /** Whether a person sits there. */
  readonly terminal: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks whether to go on; anything but yes means no.
 *
 * @param options whether yes was said beforehand, and how it could have been
 * @throws ReleaseError when there is nobody to ask
 */
export async function confirm(
  question: string,
  { terminal, json, signal }: Asking,
  { yes = false, hint }: { readonly yes?: boolean; readonly hint: string },
): Promise<boolean> {
  if (yes) return true;
  if (!terminal || json) throw new ReleaseError(`${question} There is nobody to ask here: ${hint}.`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new AbortController();
  // Ctrl-C reaches the prompt as a key; the end of the input is no answer either.
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
