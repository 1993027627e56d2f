import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { clientsCachePath, credentialCacheName, loadConfiguration } from 'kerberos-client';

/** Notices when the credential cache changes. */
export interface CredentialCacheWatch {
  /** Changes whenever the cache is replaced or rewritten; `none` if there is no cache, `unseen` if it is not a file. */
  version(): Promise<string>;
  /**
   * Waits until a cache with another version exists. If the cache is not a file, waits for half a second, because only a
   * login can tell whether it has changed.
   *
   * @throws the signal's reason if it is aborted first
   */
  changedFrom(version: string, signal: AbortSignal): Promise<void>;
}

const pollMilliseconds = 100;
const unseenMilliseconds = 500;

/** The version of a cache that is not a file: KCM, KEYRING, MEMORY, API. */
export const unseen = 'unseen';

/** The cache to watch. Its path is resolved again at each look. */
export interface WatchedCache {
  /** Default: the cache of this process. */
  readonly ccache?: string | undefined;
  /** In a collection, the client principal whose cache is meant. */
  readonly principal?: string | undefined;
}

/**
 * Watches a credential cache by polling, because inotify does not report changes by another container on every kind of
 * shared volume. Polls only while a caller waits.
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

/** The path of the cache; undefined if it is not a file. */
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
