import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TicketMode } from '../configuration.ts';
import {
  asTicketFailure,
  classifyServiceTicketMessage,
  classifySignInMessage,
} from '../failures/classify.ts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import { replaceFile } from '../publication/replace-file.ts';
import { type Command, type CommandResult, run } from './command.ts';
import { type CredentialCache, parseCredentialCache } from './credential-cache.ts';
import { unresolvedNames } from './kdc-names.ts';
import type { KdcOrder } from './kdc-order.ts';
import { requestCache, withTicketsOf } from './request-cache.ts';

type ToolCommand = Omit<Command, 'environment' | 'limitSeconds'>;

export interface KerberosToolsOptions {
  /** The tools' own krb5.conf. No other user may write to it, because it can name libraries that the tools load. */
  readonly krb5Conf: string;
  readonly kdcOrder: KdcOrder;
  /** The directory of the TGT; no other user may have access to it. */
  readonly privateDirectory: string;
  readonly realm: string;
  /** Requested lifetime of a service ticket, in seconds. */
  readonly ticketLifetime: number;
  /** Requested lifetime of a TGT, in seconds. */
  readonly tgtLifetime: number;
  /** Seconds; 0 requests a ticket that is not renewable. */
  readonly renewableLifetime: number;
}

/** The parts of MIT's kinit, kvno and kdestroy that the sidecar needs. Failures are {@link TicketFailure}s. */
export interface KerberosTools {
  /** Obtains a TGT with the password; resolves to the time when the password expires, if the KDC sent it. */
  obtainTgt(username: string, password: string, signal?: AbortSignal): Promise<Date | undefined>;
  /** Renews the TGT without the password (RFC 4120, section 3.3, option RENEW). */
  renewTgt(signal?: AbortSignal): Promise<void>;
  /**
   * Obtains a new service ticket with the TGT. Each call asks the domain controller; no cached ticket is used.
   * @param mode what the returned cache is to hold: the service ticket alone, or the TGT as well
   * @returns the bytes of a cache
   */
  obtainServiceTicket(principal: string, mode: TicketMode, signal?: AbortSignal): Promise<Buffer>;
  /** The TGT's cache as it is now, or `undefined` if none can be read. */
  readTgt(): Promise<CredentialCache | undefined>;
  /** Overwrites and removes the TGT. */
  destroyTgt(): Promise<void>;
}

/** Seconds that MIT's tools need if two domain controllers accept a connection and then do not answer. */
const limitSeconds = 30;

/** Seconds; domain controllers answer within milliseconds, so after this long the next one is asked. */
const impatientSeconds = 4;

/** Binds the tools to one private directory. */
export function createKerberosTools(options: KerberosToolsOptions): KerberosTools {
  const { kdcOrder } = options;
  const tgtFile = join(options.privateDirectory, 'tgt');
  const serviceFile = join(options.privateDirectory, 'service');
  const requestFile = join(options.privateDirectory, 'request');
  const environment = toolEnvironment(options.krb5Conf, tgtFile);

  async function once(command: ToolCommand, limit: number): Promise<CommandResult> {
    const result = await run({ ...command, environment, limitSeconds: limit });
    if (result.exitCode !== 0) {
      const errors = result.errors || `${command.name} ended with ${result.exitCode}`;
      throw await withCause(
        command.name === 'kvno'
          ? classifyServiceTicketMessage(errors)
          : classifySignInMessage(errors, result.output),
      );
    }
    return result;
  }

  /** Replaces `kdc-unreachable` if none of the names listed for the user's realm resolves. */
  async function withCause(failure: TicketFailure): Promise<TicketFailure> {
    const isOwnRealm = failure.detail.includes(`'${options.realm}'`);
    const unresolved =
      failure.code === 'kdc-unreachable' && isOwnRealm ? await unresolvedNames(kdcOrder.kdcs) : undefined;
    return unresolved
      ? new TicketFailure('kdc-name-unresolved', `${failure.detail}: ${unresolved}`)
      : failure;
  }

  /**
   * Active Directory gives the same answer for an unknown name and for a name in a realm to which it knows no path, so
   * this asks for the path as well.
   */
  async function withWay(failure: TicketFailure, principal: string, kvno: (of: string) => Promise<unknown>) {
    const realm = principal.slice(principal.lastIndexOf('@') + 1);
    if (failure.code !== 'server-unknown' || realm === options.realm) return failure;
    const error = await kvno(`krbtgt/${realm}@${options.realm}`).catch(asTicketFailure);
    return error instanceof TicketFailure && error.code === 'server-unknown'
      ? new TicketFailure('realm-unknown', error.detail)
      : failure;
  }

  // MIT's tools skip a dead domain controller immediately, but wait 10 s for each answer of one that accepts the
  // connection and hangs. Such a one is moved to the end of the list for good, so that not every renewal waits for it.
  async function tool(command: ToolCommand): Promise<CommandResult> {
    for (let left = kdcOrder.kdcs.length; left > 1; left--) {
      try {
        return await once(command, impatientSeconds);
      } catch (error) {
        if (asTicketFailure(error).code !== 'time-limit') {
          throw error;
        }
        await kdcOrder.putFirstLast();
      }
    }
    return once(command, limitSeconds);
  }

  return {
    async obtainTgt(username, password, signal) {
      const { output } = await tool({
        name: 'kinit',
        arguments: [
          ...['-l', `${options.tgtLifetime}s`],
          ...(options.renewableLifetime > 0 ? ['-r', `${options.renewableLifetime}s`] : []),
          '--',
          `${username}@${options.realm}`,
        ],
        input: `${password}\n`,
        ...(signal && { signal }),
      });
      return passwordExpiry(output);
    },
    async renewTgt(signal) {
      await tool({ name: 'kinit', arguments: ['-R'], ...(signal && { signal }) });
    },
    async obtainServiceTicket(principal, mode, signal) {
      try {
        const tgt = await readFile(tgtFile);
        await replaceFile(requestFile, requestCache(tgt, new Date(), options.ticketLifetime), {
          mode: 0o600,
        });
        const caches = ['-c', `FILE:${requestFile}`, '--out-cache', `FILE:${serviceFile}`];
        const kvno = (of: string) =>
          tool({ name: 'kvno', arguments: ['-q', ...caches, '--', of], ...(signal && { signal }) });
        await kvno(principal).catch(async (error) => {
          throw error instanceof TicketFailure ? await withWay(error, principal, kvno) : error;
        });
        const service = await readFile(serviceFile);
        return mode === 'tgt' ? withTicketsOf(tgt, service) : service;
      } finally {
        await rm(requestFile, { force: true });
        await rm(serviceFile, { force: true });
      }
    },
    async readTgt() {
      try {
        return parseCredentialCache(await readFile(tgtFile));
      } catch (error) {
        if (asTicketFailure(error).code === 'unexpected') {
          throw error;
        }
        return undefined;
      }
    },
    async destroyTgt() {
      const limit = AbortSignal.timeout(500);
      await run({ name: 'kdestroy', arguments: ['-q'], environment, limitSeconds, signal: limit }).catch(
        () => {},
      );
      // Also remove the files that a killed kinit or kvno may have left.
      const left = (await readdir(options.privateDirectory)).filter((name) =>
        /^(tgt|request|service)/.test(name),
      );
      await Promise.all(left.map((name) => rm(join(options.privateDirectory, name), { force: true })));
    },
  };
}

/** The tools get this process's environment without the secret, AWS credentials and Kerberos settings. */
function toolEnvironment(krb5Conf: string, tgtFile: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(CREDENTIALS|AWS_|KRB5)/.test(key));
  return {
    ...Object.fromEntries(inherited),
    KRB5_CONFIG: krb5Conf,
    KRB5CCNAME: `FILE:${tgtFile}`,
    LC_ALL: 'C',
    LANGUAGE: 'C',
    TZ: 'UTC',
  };
}

/** Reads kinit's "Your password will expire in … on Tue Jan  5 08:24:27 2027"; kinit runs in UTC. */
function passwordExpiry(output: string): Date | undefined {
  const [, time] = /Your password will expire .* on (.+)/.exec(output) ?? [];
  const date = new Date(`${time} UTC`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
