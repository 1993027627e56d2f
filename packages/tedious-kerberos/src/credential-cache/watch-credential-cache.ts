import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { credentialCacheFile } from './credential-cache-file.ts';

/** Tells when the credential cache becomes another one. */
export interface CredentialCacheWatch {
  /** Differs whenever the cache is another file or has other content; `none` while there is none. */
  version(): Promise<string>;
  /**
   * Waits until the cache is there with another version than this one.
   *
   * @throws the signal's reason when it is aborted first
   */
  changedFrom(version: string, signal: AbortSignal): Promise<void>;
}

const pollMilliseconds = 100;

/**
 * Watches the credential cache of this process by looking at it: inotify does not tell of changes made in another
 * container on every kind of shared volume. Nothing is watched while nobody waits.
 *
 * @param file default: as in `KRB5CCNAME`
 * @returns nothing when the cache is not a file
 */
export function watchCredentialCache(file = credentialCacheFile()): CredentialCacheWatch | undefined {
  if (!file) return undefined;
  async function version(): Promise<string> {
    try {
      const { ino, size, mtimeNs } = await stat(file as string, { bigint: true });
      return `${ino}-${size}-${mtimeNs}`;
    } catch {
      return 'none';
    }
  }
  return {
    version,
    async changedFrom(known, signal) {
      for (let now = await version(); now === known || now === 'none'; now = await version()) {
        await delay(pollMilliseconds, undefined, { signal });
      }
    },
  };
}
