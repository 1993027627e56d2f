import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { credentialCacheName, credentialCachePath, loadConfiguration } from 'kerberos-client';

/** Tells when the credential cache becomes another one. */
export interface CredentialCacheWatch {
  /** Differs whenever the cache is another file or has other content; `none` while there is none. */
  version(): Promise<string>;
  /**
   * Waits until the cache is there with another version than this one. Of a cache that cannot be looked at, waits for a
   * while: whether it is another one only a login tells.
   *
   * @throws the signal's reason when it is aborted first
   */
  changedFrom(version: string, signal: AbortSignal): Promise<void>;
}

const pollMilliseconds = 100;
const unseenMilliseconds = 500;

/** A cache that is not in a file: KCM, KEYRING, MEMORY, API. */
export const unseen = 'unseen';

/**
 * Watches the credential cache of this process by looking at it: inotify does not tell of changes made in another
 * container on every kind of shared volume. Nothing is watched while nobody waits.
 *
 * @param file default: the one that Kerberos uses, found anew at each look
 */
export function watchCredentialCache(file?: string): CredentialCacheWatch {
  async function version(): Promise<string> {
    const path = file ?? (await credentialCache());
    if (path === undefined) return unseen;
    try {
      const { ino, size, mtimeNs } = await stat(path, { bigint: true });
      return `${path}-${ino}-${size}-${mtimeNs}`;
    } catch {
      return 'none';
    }
  }
  return {
    version,
    async changedFrom(known, signal) {
      if (known === unseen) {
        await delay(unseenMilliseconds, undefined, { signal });
        return;
      }
      for (let now = await version(); now === known || now === 'none'; now = await version()) {
        await delay(pollMilliseconds, undefined, { signal });
      }
    },
  };
}

/** The file of this process' cache, by KRB5CCNAME or krb5.conf; nothing for a cache that is in none. */
async function credentialCache(): Promise<string | undefined> {
  try {
    const configured = process.env.KRB5CCNAME
      ? undefined
      : (await loadConfiguration()).defaultCredentialCacheName;
    return await credentialCachePath(credentialCacheName(configured));
  } catch {
    return undefined;
  }
}
