import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { KerberosError } from '../errors/kerberos-error.ts';

/**
 * Reads a file of a credential cache without blocking: a named pipe without a writer would otherwise hang.
 *
 * @throws KerberosError CREDENTIAL_CACHE_MALFORMED if it is neither a file nor a folder; file system errors unchanged
 */
export async function readRegularFile(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (found.isFile() || found.isDirectory()) return await file.readFile();
    throw new KerberosError(
      'CREDENTIAL_CACHE_MALFORMED',
      'The credential cache is a named pipe or a device, not a file.',
    );
  } finally {
    await file.close();
  }
}
