import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { clientsCachePath, credentialCacheName, loadConfiguration } from 'kerberos-client';

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

/** Which cache; found anew at each look. */
export interface WatchedCache {
  /** Default: that of this process. */
  readonly ccache?: string | undefined;
  /** Whose, in a collection. */
  readonly principal?: string | undefined;
}

/**
 * Watches a credential cache by looking at it: inotify does not tell of changes made in another container on every
 * kind of shared volume. Nothing is watched while nobody waits.
 */
export function watchCredentialCache(watched: WatchedCache = {}): CredentialCacheWatch {
  async function version(): Promise<string> {
    const path = await fileOfCache(watched);
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

/** The file of the cache; nothing for one that is in none. */
export async function fileOfCache({ ccache, principal }: WatchedCache): Promise<string | undefined> {
  try {
    return await clientsCachePath(ccache ?? (await nameInThisProcess()), principal);
  } catch {
    return undefined;
  }
}

async function nameInThisProcess(): Promise<string> {
  if (process.env.KRB5CCNAME !== undefined) return process.env.KRB5CCNAME;
  return credentialCacheName((await loadConfiguration()).defaultCredentialCacheName);
}
