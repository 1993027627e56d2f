import { writeFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';

/**
 * Writes a file that the user named.
 *
 * @returns why it could not be written, as a sentence; undefined on success
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
 * If output cannot be written, for example to a file on a full disk, prints an error and exits with code 1; the console
 * itself does not report it.
 *
 * @param gone called when the reader of the output has closed it, as `head` does
 */
export function watchOutput(gone: () => void): void {
  let lost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return gone();
    if (!lost)
      console.error(`The output is incomplete, because it could not be written: ${reasonOf(error)}.`);
    lost = true;
  });
  process.once('exit', () => {
    if (lost) process.exitCode ||= 1;
  });
}

/** Whether lines on this output can be overwritten; a dumb terminal would show the control sequences as text. */
export function isScreen({ isTTY }: { readonly isTTY?: boolean }, { TERM } = process.env): boolean {
  return isTTY === true && TERM !== 'dumb';
}

/** The system's error message, without the name of the call. */
function reasonOf({ errno, message }: NodeJS.ErrnoException): string {
  return errno === undefined ? message : getSystemErrorMessage(errno);
}
