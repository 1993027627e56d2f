import { randomInt } from 'node:crypto';
import type { Credential } from '../credential.ts';
import { Key } from '../crypto/key.ts';
import { applicationNumber } from '../der/read.ts';
import { KerberosError, malformed, refusal } from '../errors/kerberos-error.ts';
import { verifyApReply } from '../messages/ap-reply.ts';
import { apRequest } from '../messages/ap-request.ts';
import { readKrbError } from '../messages/krb-error.ts';
import { messageType } from '../messages/message-type.ts';
import { openPrivateMessage, privateMessage } from '../messages/private-message.ts';
import { nameType, type Principal } from '../principal.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { obtainInitialTicket } from './as-exchange.ts';
import type { KdcClient } from './kdc-client.ts';
import { policySentences } from './password-policy.ts';
import { exchangeByTcp, exchangeByUdp, NotConnected, type Outgoing, reason } from './transport.ts';

export interface ChangePasswordOptions {
  readonly client: Principal;
  readonly password: string;
  readonly newPassword: string;
  readonly signal?: AbortSignal | undefined;
}

const VERSION = 1;
const SUCCESS = 0;
const results: Readonly<Record<number, string>> = {
  1: 'the server did not understand the request',
  2: 'the server failed',
  3: 'the server does not believe the ticket',
  4: 'the new password is against the policy',
  5: 'the account may not change its password',
  6: 'the server speaks another version',
  7: 'the ticket was not obtained with the password',
};

/**
 * Changes the client's own password (RFC 3244): an AS exchange for `kadmin/changepw` with the old password, even if it
 * has expired, then an encrypted message with the new one. The server's result counts only once the server has proven
 * its identity.
 *
 * A lost reply does not mean that the password was not changed: after any error except PASSWORD_CHANGE_REFUSED, test
 * which password works. The minimum age and the history of the directory's policy apply.
 *
 * @throws KerberosError PASSWORD_CHANGE_REFUSED with the server's reason, KDC_ERR_PREAUTH_FAILED for a wrong old
 *   password, and the errors of `obtainInitialTicket`; the signal's reason
 */
export async function changePassword(kdc: KdcClient, options: ChangePasswordOptions): Promise<void> {
  const { client, password, newPassword, signal } = options;
  const service: Principal = {
    realm: client.realm,
    name: { type: nameType.serviceInstance, parts: [Buffer.from('kadmin'), Buffer.from('changepw')] },
  };
  const lifetimeMilliseconds = 300_000;
  const ticket = await obtainInitialTicket(kdc, { client, password, service, lifetimeMilliseconds, signal });

  const failures: string[] = [];
  const servers = await unlessAborted(signal, kdc.passwordServers(client.realm.toString()));
  for (const server of servers) {
    const exchange = passwordExchange(ticket, Buffer.from(newPassword));
    const limit = { timeoutMilliseconds: kdc.timeoutMilliseconds, signal };
    try {
      const answer = await exchangeByTcp(server, exchange.request, limit).catch((error: unknown) => {
        if (error instanceof NotConnected) return exchangeByUdp(server, exchange.request, limit);
        throw error;
      });
      return exchange.finish(answer, `The password server ${server.host}`);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof KerberosError) throw error;
      failures.push(`${server.host}: ${reason(error)}`);
      // A request that was sent may have been carried out, so try another server only if nothing was sent.
      if (!(error instanceof NotConnected)) break;
    }
  }
  throw new KerberosError(
    'KDC_UNREACHABLE',
    `No password server of ${client.realm} answered (${failures.join('; ')}); the password may have been changed or not.`,
  );
}

interface PasswordExchange {
  readonly request: Outgoing;
  /** @throws KerberosError unless the password was changed */
  finish(answer: Buffer, from: string): void;
}

function passwordExchange(credential: Credential, newPassword: Buffer): PasswordExchange {
  const subkey = Key.random(credential.key.type.number);
  const sequenceNumber = randomInt(2 ** 30);
  const { message, moment } = apRequest({ credential, subkey, sequenceNumber, mutual: true });
  const { key, clockOffset } = credential;
  return {
    request(localAddress) {
      const sealed = privateMessage(newPassword, { key: subkey, clockOffset, sequenceNumber, localAddress });
      const head = Buffer.alloc(6);
      head.writeUInt16BE(head.length + message.length + sealed.length, 0);
      head.writeUInt16BE(VERSION, 2);
      head.writeUInt16BE(message.length, 4);
      return Buffer.concat([head, message, sealed]);
    },
    finish(answer, from) {
      if (applicationNumber(answer) === messageType.error) throw refusedUnproven(answer, from);
      if (answer.length < 6 || answer.readUInt16BE() !== answer.length)
        throw malformed(`${from} sent an incomplete answer`);
      const proofLength = answer.readUInt16BE(4);
      const rest = answer.subarray(6);
      if (proofLength === 0) throw refusedUnproven(rest, from);
      if (proofLength > rest.length) throw malformed(`${from} sent an incomplete answer`);
      const proof = verifyApReply(rest.subarray(0, proofLength), key, moment);
      const keys = [...(proof.subkey ? [proof.subkey] : []), subkey, key];
      const result = openPrivateMessage(rest.subarray(proofLength), keys);
      // Our own message is encrypted with one of these keys, too. The error must not contain its data, the new
      // password.
      if (result.equals(newPassword)) {
        throw new KerberosError('KDC_NOT_AUTHENTIC', `${from} answers with our own message.`);
      }
      checkResult(result, from);
    },
  };
}

/** An error sent before the server could prove its identity. Its data is a result as well. */
function refusedUnproven(message: Buffer, from: string): KerberosError {
  const report = readKrbError(message);
  try {
    if (report.data) checkResult(report.data, from);
  } catch (error) {
    if (error instanceof KerberosError && error.code === 'PASSWORD_CHANGE_REFUSED') return error;
  }
  return refusal(from, report);
}

function checkResult(result: Buffer, from: string): void {
  if (result.length < 2) throw malformed(`${from} answers without a result`);
  const code = result.readUInt16BE();
  if (code === SUCCESS) return;
  const said = policySentences(result.subarray(2)).join(' ');
  throw new KerberosError(
    'PASSWORD_CHANGE_REFUSED',
    `${from} did not change the password, with result ${code}: ${results[code] ?? 'a reason that no document names'}.${said ? ` ${said}` : ''}`,
  );
}
