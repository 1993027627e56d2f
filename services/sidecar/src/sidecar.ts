import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError, sharedFolder } from '@packages/contracts';
import type { Configuration } from './configuration.ts';
import { createAttemptBudget } from './credentials/attempt-budget.ts';
import { credentialsSource } from './credentials/credentials-of.ts';
import { spreadFirstTries } from './credentials/first-try.ts';
import { watchSecret } from './credentials/secret-watch.ts';
import { createKdcOrder } from './kerberos/kdc-order.ts';
import { createKerberosTools } from './kerberos/kerberos-tools.ts';
import { renderKrb5Conf } from './kerberos/krb5-conf.ts';
import { guardFiles } from './publication/file-guard.ts';
import { createPublishedFile } from './publication/published-file.ts';
import { replaceFile } from './publication/replace-file.ts';
import { createStatusFile } from './publication/status-file.ts';
import { reportGauges } from './signals/gauges.ts';
import type { Log } from './signals/log.ts';
import type { Metrics } from './signals/metrics.ts';
import { createStatusKeeper } from './ticket/status-keeper.ts';
import { createTgtKeeper } from './ticket/tgt-keeper.ts';
import { createTicketKeeper } from './ticket/ticket-keeper.ts';

export interface Sidecar {
  /** SIGHUP: sign in and renew now. */
  renewNow(): void;
  /** Stops everything and destroys the TGT; the published ticket stays, so that the service can finish its work. */
  stop(): Promise<void>;
}

/**
 * Starts the sidecar and returns before there is a ticket.
 *
 * @param entry this program's main file, run again to fetch a secret
 * @throws ConfigurationError if the shared or the private directory cannot be written, or others may write to the
 *   shared one
 */
export async function startSidecar(
  configuration: Configuration,
  { entry, log, metrics }: { readonly entry: string; readonly log: Log; readonly metrics: Metrics },
): Promise<Sidecar> {
  const { server, realm, renewAt, privateDirectory } = configuration;
  const { spn } = server;
  const now = () => new Date();
  const folder = sharedFolder(configuration.sharedDirectory);
  const ownKrb5Conf = join(privateDirectory, 'krb5.conf');
  const krb5Conf = createPublishedFile(folder.krb5Conf);
  const cache = createPublishedFile(folder.cache);
  const statusFile = createPublishedFile(folder.status);

  /** Writes the tools' own copy; they do not read the published one: see decision 030. */
  async function writeKrb5Conf(kdcs: readonly string[]): Promise<Buffer> {
    const text = renderKrb5Conf({ ...configuration, kdcs });
    await replaceFile(ownKrb5Conf, text, { mode: 0o600 });
    return Buffer.from(text);
  }

  const text = await writable('PRIVATE_DIRECTORY', privateDirectory, async () => {
    await mkdir(privateDirectory, { recursive: true });
    await chmod(privateDirectory, 0o700);
    return writeKrb5Conf(configuration.kdcs);
  });
  await writable('SHARED_DIRECTORY', folder.directory, async () => {
    await refuseOtherWriters(folder.directory);
    await krb5Conf.publish(text);
  });
  const kdcOrder = createKdcOrder(configuration.kdcs, async (kdcs, silent) => {
    log('kdc.silent', { kdc: silent, order: kdcs });
    await krb5Conf.publish(await writeKrb5Conf(kdcs));
  });

  const credentials = credentialsSource(configuration, entry);
  const username =
    configuration.credentials.source === 'injected'
      ? configuration.credentials.credentials.username
      : undefined;
  const budget = createAttemptBudget({
    file: join(privateDirectory, 'refusals.json'),
    attempts: configuration.passwordAttempts,
    window: configuration.passwordAttemptsWindow,
    urgentPause: configuration.passwordRetry,
    now,
  });
  const tools = createKerberosTools({ ...configuration, krb5Conf: ownKrb5Conf, kdcOrder });
  const ticketJson = createStatusFile(statusFile, `${folder.status}.reserve`);
  const status = createStatusKeeper({ spn, file: ticketJson, log, now });
  const chance = Math.random;
  const awaitFirstTry = spreadFirstTries({ spreadSeconds: configuration.signInSpread, log, chance });
  const tgt = createTgtKeeper({
    ...{ credentials, tools, budget, awaitFirstTry, log, now, renewAt, username },
  });
  const principal = username && `${username}@${realm}`;
  const keeper = createTicketKeeper({
    ...{ spn, server, ticketMode: configuration.ticketMode, renewAt, principal },
    refreshSeconds: configuration.ticketRefresh,
    ...{ tools, tgt, cache, status, log, metrics, now, chance },
  });

  const guard = guardFiles({
    directory: folder.directory,
    files: [cache, krb5Conf, statusFile],
    onRestored(file, damage) {
      log('file.restored', { path: file.path, damage });
      noteCache(file === cache, undefined);
    },
    onLost(file, damage, failure) {
      log('file.lost', { path: file.path, damage, code: failure.code, explanation: failure.message });
      noteCache(file === cache, failure);
    },
  });

  function noteCache(isCache: boolean, failure: Parameters<typeof status.problem>[1]): void {
    if (isCache) {
      status.lost(failure !== undefined);
      status.problem('publication', failure);
      void status.report();
    }
  }

  const parts = [
    reportGauges({ status, tgt, metrics, now, everySeconds: configuration.metricsInterval }),
    ...(configuration.credentials.source === 'fetched'
      ? [watchSecret({ credentials, log, keeper, everySeconds: configuration.credentials.checkSeconds })]
      : []),
    guard,
  ];
  const running = keeper.run();
  return {
    renewNow: () => keeper.renewNow('SIGHUP', { repeat: true }),
    async stop() {
      for (const part of parts) {
        part.stop();
      }
      keeper.stop();
      await running;
      await tools.destroyTgt();
    },
  };
}

/** Runs the first operation in a directory; if it fails, the setting is wrong. */
async function writable<T>(key: string, directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      throw error;
    }
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([
      `${key} is ${JSON.stringify(directory)}, but it must be a directory that the sidecar can write to (${code}).`,
    ]);
  }
}

/**
 * Refuses a folder that others may write to, because they could replace the published krb5.conf or ticket. An access
 * control list shows in the group's bits (acl(5)).
 */
async function refuseOtherWriters(directory: string): Promise<void> {
  const { mode } = await stat(directory);
  if ((mode & 0o022) !== 0) {
    throw new ConfigurationError([
      `SHARED_DIRECTORY is ${JSON.stringify(directory)}, which others may write to (mode ${(mode & 0o7777).toString(8)}); ` +
        'let its owner, the sidecar, alone write to it, as "chmod 2750" does.',
    ]);
  }
}
