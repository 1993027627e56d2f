import { describe, expect, test } from 'vitest';
import { asTicketFailure, classifyServiceTicketMessage, classifySignInMessage } from './classify.ts';
import { failureCatalogue } from './failure-catalogue.ts';
import { TicketFailure } from './ticket-failure.ts';

/** Messages as MIT krb5 1.20 prints them. */
const messages = [
  ['kinit: Password incorrect while getting initial credentials', 'password-refused'],
  ['kinit: Preauthentication failed while getting initial credentials', 'password-refused'],
  ["kinit: Client's credentials have been revoked while getting initial credentials", 'account-locked'],
  [
    "kinit: Client 'u@CORP.EXAMPLE.COM' not found in Kerberos database while getting initial credentials",
    'client-unknown',
  ],
  [
    "kinit: Cannot contact any KDC for realm 'CORP.EXAMPLE.COM' while getting initial credentials",
    'kdc-unreachable',
  ],
  ['kinit: Cannot find KDC for realm "CORP.EXAMPLE.COM" while getting initial credentials', 'realm-unknown'],
  ['kinit: Clock skew too great while getting initial credentials', 'clock-skew'],
  [
    'kinit: KDC has no support for encryption type while getting initial credentials',
    'encryption-unsupported',
  ],
  ["kinit: KDC can't fulfill requested option while renewing credentials", 'ticket-expired'],
  ['kinit: Resource temporarily unavailable while getting initial credentials', 'kdc-name-unresolved'],
  [
    'kinit: Failed to store credentials: Credentials cache I/O operation failed while getting initial credentials',
    'disk-full',
  ],
  ['kinit: Credentials cache permissions incorrect (filename: /x)', 'no-permission'],
  ['kinit: KDC policy rejects request while getting initial credentials', 'policy-refused'],
  ['kinit: something never heard of', 'unexpected'],
] as const;

const asking = 'while getting credentials for MSSQLSvc/x@CORP';

/** Messages of kvno; it reports a useless TGT in many ways. */
const serviceTicketMessages = [
  [`kvno: Server not found in Kerberos database ${asking}`, 'server-unknown'],
  [`kvno: Server MSSQLSvc/x@CORP not found in Kerberos database ${asking}`, 'server-unknown'],
  [`kvno: Cannot contact any KDC for realm 'CORP' ${asking}`, 'kdc-unreachable'],
  [`kvno: Cannot find KDC for realm "CHILD.CORP" ${asking}`, 'realm-unknown'],
  [`kvno: A service is not available that is required to process the request ${asking}`, 'kdc-unreachable'],
  [`kvno: KDC has no support for encryption type ${asking}`, 'encryption-unsupported'],
  [`kvno: Ticket expired ${asking}`, 'ticket-expired'],
  [`kvno: Server krbtgt/B.EXAMPLE@CORP not found in Kerberos database ${asking}`, 'realm-unknown'],
  [`kvno: Server's entry in database has expired ${asking}`, 'server-refused'],
  [`kvno: KDC policy rejects transited path ${asking}`, 'policy-refused'],
  ['kvno: No credentials cache found (filename: /x) while getting client principal name', 'cache-missing'],
  [
    'kvno: Bad format in credentials cache (filename: /x) while getting client principal name',
    'cache-corrupt',
  ],
  [`kvno: Key version is not available ${asking}`, 'tgt-refused'],
  [`kvno: Decrypt integrity check failed ${asking}`, 'tgt-refused'],
  [`kvno: Message stream modified ${asking}`, 'tgt-refused'],
  [`kvno: TGT has been revoked ${asking}`, 'tgt-refused'],
  [`kvno: Client's credentials have been revoked ${asking}`, 'tgt-refused'],
  [`kvno: Password has expired ${asking}`, 'tgt-refused'],
  [`kvno: Client 'u@CORP' not found in Kerberos database ${asking}`, 'tgt-refused'],
  [`kvno: something never heard of ${asking}`, 'tgt-refused'],
  ['kvno ended with 1', 'tgt-refused'],
] as const;

describe('a failure', () => {
  test.for(messages)('%s', ([message, code]) => {
    const failure = classifySignInMessage(message);
    expect(failure.code).toBe(code);
    expect(failure.message).toBe(
      `${failureCatalogue[code].cause} ${failureCatalogue[code].remedy} (${message})`,
    );
  });

  test.for(serviceTicketMessages)('%s', ([message, code]) => {
    expect(classifyServiceTicketMessage(message)).toMatchObject({ code, detail: message });
  });

  test('of an expired password shows only in standard output', () => {
    const output = 'Password for u@CORP: \nPassword expired.  You must change it now.\nEnter new password: ';
    const errors = 'kinit: Cannot read password while getting initial credentials\n';
    expect(classifySignInMessage(errors, output)).toMatchObject({
      code: 'password-expired',
      detail: `${errors.trim()}: Password expired. You must change it now.`,
      mayBeRefusal: false,
    });
  });

  // From another release, in another language, or of a domain controller with its own texts.
  test.for([
    'kinit: something never heard of',
    'kinit: Passwort falsch bei Anfängliche Anmeldedaten werden geholt.',
    'kinit: Mot de passe incorrect lors de l’obtention des informations d’identification',
    'kinit: Pre-authentication was not successful',
    'kinit: password incorrect',
    'kinit ended with null',
  ])('with an unknown message may be a refusal, once the password was used: %s', (message) => {
    const shown = { code: 'unexpected', detail: message };
    expect(classifySignInMessage(message)).toMatchObject({ ...shown, mayBeRefusal: false });
    const asked = classifySignInMessage(message, 'Password for u@CORP: ');
    expect(asked).toMatchObject({ ...shown, mayBeRefusal: true });
  });

  test('is passed on as one line that fits a log line, whatever its length and content', () => {
    const { detail, message } = classifySignInMessage(
      `kinit:\n\u001b]0;x\u0007\u009b2J\u202e\0 ${'ü'.repeat(300_000)}`,
    );
    expect(detail).toMatch(/^kinit: \\u\{1b\}\]0;x\\u\{7\}\\u\{9b\}2J\\u\{202e\}\\u\{0\} ü+…$/);
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(8192);
  });

  test('of the system is named by its code', () => {
    for (const [system, code] of [
      ['ENOSPC', 'disk-full'],
      ['EACCES', 'no-permission'],
      ['EROFS', 'no-permission'],
      ['ENOENT', 'cache-missing'],
      ['EMFILE', 'unexpected'],
    ]) {
      expect(asTicketFailure(Object.assign(new Error('x'), { code: system })).code).toBe(code);
    }
  });

  test('that already is one stays as it is', () => {
    const failure = new TicketFailure('time-limit', 'kinit ran for 4 seconds');
    expect(asTicketFailure(failure)).toBe(failure);
  });

  test.for(Object.entries(failureCatalogue))(
    '%s has a cause and a remedy, each a sentence',
    ([, description]) => {
      for (const sentence of [description.cause, description.remedy]) {
        expect(sentence).toMatch(/^[A-Z].*\.$/);
      }
    },
  );
});
