import { asTicketFailure } from '../failures/classify.ts';
import type { Log } from '../signals/log.ts';
import type { CredentialsSource } from './credentials-source.ts';

export interface SecretWatchOptions {
  readonly credentials: CredentialsSource;
  readonly keeper: { renewNow(reason: string): void };
  readonly log: Log;
  readonly everySeconds: number;
}

/** Checks periodically for a new version of the secret, and has the ticket renewed with it. */
export function watchSecret({ credentials, keeper, log, everySeconds }: SecretWatchOptions): {
  stop(): void;
} {
  const stopping = new AbortController();

  async function look(): Promise<void> {
    try {
      if (await credentials.hasChanged(stopping.signal)) {
        log('secret.changed');
        keeper.renewNow('secret-changed');
      }
    } catch (error) {
      if (!stopping.signal.aborted) {
        log('secret.check-failed', { explanation: asTicketFailure(error).message });
      }
    }
  }

  const timer = setInterval(look, everySeconds * 1000);
  return {
    stop() {
      clearInterval(timer);
      stopping.abort();
    },
  };
}
