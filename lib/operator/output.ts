import { writeFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';

/**
 * Writes a file that a person has named.
 *
 * @returns why it could not be written, in a sentence; nothing when it is
 */
export async function writeNamedFile(file: string, text: string): Promise<string | undefined> {
  try {
    await writeFile(file, text);
    return undefined;
  } catch (error) {
    return `${file} could not be written: ${reasonOf(error as NodeJS.ErrnoException)}.`;
  }
}

/**
 * Makes the exit code 1, with a sentence, when what is printed does not arrive, such as in a file on a full disk: the
 * console says nothing of it.
 *
 * @param gone told when whoever reads has had enough, as `head` does
 */
export function watchOutput(gone: () => void): void {
  let lost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return gone();
    if (!lost) console.error(`The output is not complete, it could not be written: ${reasonOf(error)}.`);
    lost = true;
  });
  process.once('exit', () => {
    if (lost) process.exitCode ||= 1;
  });
}

/** Whether what is written there can be drawn over; a dumb terminal shows the sequences that would do it. */
export function isScreen({ isTTY }: { readonly isTTY?: boolean }, { TERM } = process.env): boolean {
  return isTTY === true && TERM !== 'dumb';
}

/** What the system says, without the call that it said it to. */
function reasonOf({ errno, message }: NodeJS.ErrnoException): string {
  return errno === undefined ? message : getSystemErrorMessage(errno);
}
