import { randomInt } from 'node:crypto';
import { ProvisioningError } from '../provisioning-error.ts';
import { stringToKey } from './aes-sha1.ts';
import { askKdc } from './kdc-transport.ts';
import { type AsAnswer, asRequest, readAnswer, replyIsProven } from './messages.ts';

/** Asks the directory whether a password is a user's, as a task that starts will. */
export type PasswordCheck = (username: string, password: string) => Promise<'accepted' | 'refused'>;

export interface PasswordCheckOptions {
  /** Kerberos realm: the domain's DNS name in any case. */
  readonly realm: string;
  /** Addresses of domain controllers, tried in order until one answers. */
  readonly kdcs: readonly string[];
  /** Milliseconds a KDC has for an answer; default 5000. */
  readonly limit?: number;
}

/** Error codes (RFC 4120, section 7.5.9) that say more than "refused", with cause and remedy. */
const causes: Readonly<Record<number, string>> = {
  6: 'the domain does not know the user: create it, or correct the user name in the secret',
  14: 'the user has no AES key: set its password again, so that the domain makes one',
  18: 'the account is locked, disabled or expired: unlock or enable it in the directory',
  23: 'the password has expired: rotate the secret now',
  37: "this machine's clock and the domain's differ by more than five minutes",
  68: 'the domain controller serves another realm: correct the domain name',
};
const PREAUTH_FAILED = 24;
const PREAUTH_REQUIRED = 25;

/**
 * Makes a check by a Kerberos AS exchange with an encrypted timestamp (RFC 4120, sections 3.1 and 5.2.7.2), which is
 * what `kinit` does. The password does not leave the process, and an answer counts only when the KDC, too, has proved
 * that it knows the password's key. A refusal counts towards the directory's account lockout.
 *
 * The check throws a ProvisioningError when no KDC answers, or answers with another error than a refusal.
 */
export function createPasswordCheck({ realm, kdcs, limit = 5000 }: PasswordCheckOptions): PasswordCheck {
  const upper = realm.toUpperCase();

  async function ask(message: Buffer): Promise<AsAnswer> {
    const failures: string[] = [];
    for (const kdc of kdcs) {
      try {
        return readAnswer(await askKdc(kdc, message, limit));
      } catch (error) {
        failures.push(`${kdc}: ${(error as Error).message}`);
      }
    }
    throw new ProvisioningError(
      `No domain controller of ${upper} answered on TCP port 88 (${failures.join('; ')}): ` +
        'check that the function’s security group and the directory’s let it through.',
    );
  }

  return async (username, password) => {
    const nonce = randomInt(2 ** 31);
    const request = { username, realm: upper, nonce };
    const offer = await ask(asRequest(request));
    if (offer.kind === 'reply' || offer.code !== PREAUTH_REQUIRED || !offer.salt) {
      throw unexpected(username, upper, offer);
    }
    const key = await stringToKey(password, offer.salt.salt, offer.salt.iterations);
    const answer = await ask(asRequest({ ...request, proof: { key, at: new Date() } }));
    if (answer.kind === 'reply') return replyIsProven(answer.encrypted, key, nonce) ? 'accepted' : 'refused';
    if (answer.code === PREAUTH_FAILED) return 'refused';
    throw unexpected(username, upper, answer);
  };
}

function unexpected(username: string, realm: string, answer: AsAnswer): ProvisioningError {
  const code = answer.kind === 'error' ? answer.code : 0;
  const cause =
    answer.kind === 'reply'
      ? 'the account does not require pre-authentication: switch that on for the user'
      : (causes[code] ?? 'see RFC 4120, section 7.5.9, for the code');
  return new ProvisioningError(
    `Kerberos does not let ${username}@${realm} sign in (error ${code}): ${cause}.`,
  );
}
