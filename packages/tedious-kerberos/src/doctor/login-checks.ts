import type { ConnectionConfig } from '../connection.ts';
import type { LoginError } from '../errors/login-error.ts';
import type { Attempt } from './attempt-login.ts';
import { type Check, type CheckName, failed, passed, skipped } from './check.ts';

/** The check to which an error of the login belongs. */
function checkOf(error: LoginError | undefined, encrypted: boolean): CheckName | undefined {
  if (!error) return undefined;
  if (error.code === 'TLS_NAME_MISMATCH') return 'tls-name';
  if (error.code === 'TLS_NOT_TRUSTED') return 'tls-authority';
  if (error.step === 'ticket') return 'ticket';
  if (error.code === 'DATABASE_UNAVAILABLE') return 'database';
  return encrypted && (error.step === 'prelogin' || error.step === 'tls') ? 'tls-version' : 'login';
}

const said = (check: CheckName, error: LoginError) => failed(check, error.code, error.message, better(error));

const notSqlServer = {
  ask: 'database',
  remedy:
    'The first message ended the connection, so it may not be SQL Server that listens there. Check the port (a named instance has its own, which must be static), and that nothing in between closes connections.',
} as const;

/** A better remedy or team than the code alone gives. */
function better({ code: login, step, cause }: LoginError): Pick<Check, 'remedy' | 'ask'> {
  // The port is open, but the server or a domain controller does not answer.
  if (login === 'TIMEOUT') return { ask: step === 'ticket' ? 'directory' : 'database' };
  if (login === 'CONNECTION_LOST' && step === 'prelogin') return notSqlServer;
  // An expired certificate has the same code as an unknown authority, but another remedy.
  const { code } = (cause instanceof Error && cause.cause instanceof Error ? cause.cause : (cause ?? {})) as {
    code?: string;
  };
  if (code !== 'CERT_HAS_EXPIRED' && code !== 'CERT_NOT_YET_VALID') return {};
  return {
    remedy:
      "The certificate has expired or is not valid yet. Install a new one on the server (on RDS: choose a certificate authority that has not expired, and restart), and check this machine's clock.",
  };
}

export function examineTls({ channel, error }: Attempt, { server, tls, options }: ConnectionConfig): Check[] {
  const encrypted = options?.encrypt !== false;
  const names = ['tls-name', 'tls-authority', 'tls-version'] as const;
  if (!encrypted) return names.map((name) => skipped(name, 'Encryption is switched off.'));
  if (channel) {
    const { version, cipher, subject, issuer, endsAt } = channel;
    return [
      passed('tls-name', `The certificate of ${subject} is valid for ${tls?.name ?? server}.`),
      passed('tls-authority', `Issued by ${issuer}, valid until ${endsAt}.`),
      passed('tls-version', `${version} with ${cipher}.`),
    ];
  }
  const failing = checkOf(error, encrypted);
  return names.map((name) => {
    if (error && name === failing) return said(name, error);
    // Node.js checks the chain of certificates before the name.
    if (failing === 'tls-name' && name === 'tls-authority') return passed(name, 'Trusted.');
    return skipped(name, 'There was no TLS connection.');
  });
}

export function examineLogin(attempt: Attempt, { options }: ConnectionConfig): Check[] {
  const { error, session, queryError, target } = attempt;
  const failing = checkOf(error, options?.encrypt !== false);
  const wanted = options?.database;
  if (error && failing === 'login') return [said('login', error), skipped('database', 'Needs the login.')];
  if (error && failing === 'database') {
    return [passed('login', 'The server knows the login.'), said('database', error)];
  }
  if (error) {
    return [skipped('login', 'Needs what failed above.'), skipped('database', 'Needs the login.')];
  }
  const at = target ? ` at ${target.host}:${target.port}` : '';
  if (queryError) {
    const detail = `Logged in, but the first query failed: ${queryError.message}`;
    return [passed('login', `Logged in${at}.`), failed('database', 'SERVER_ERROR', detail)];
  }
  if (!session) {
    const silent = 'Logged in, but the server did not report the database.';
    return [passed('login', `Logged in${at}.`), skipped('database', silent)];
  }
  const { login, database, scheme } = session;
  return [
    passed('login', `Logged in${at} as ${login} (${scheme}).`),
    passed('database', `${database}${wanted === undefined ? ", the login's default" : ''}.`),
  ];
}

/** @param bound the second attempt, with a channel binding; undefined if there was none */
export function examineBinding(
  { channel, error }: Attempt,
  bound: Attempt | undefined,
  asked: boolean,
): Check {
  if (bound && !bound.error) {
    const detail = `The server requires Extended Protection: it refused the login without a channel binding (${error?.message}) and accepted it with one.`;
    const remedy = asked
      ? 'TLS 1.3 has no channel binding: set cryptoCredentialsDetails: { maxVersion: "TLSv1.2" }.'
      : 'Leave channelBinding on, and use TLS 1.2 at most.';
    return { check: 'channel-binding', status: 'failed', code: 'UNTRUSTED_DOMAIN', detail, remedy };
  }
  if (error) return skipped('channel-binding', 'Needs the login.');
  if (!channel) return skipped('channel-binding', 'Without TLS there is nothing to bind to.');
  if (!asked) return skipped('channel-binding', 'Switched off; the server does not require it.');
  return channel.bindable
    ? passed('channel-binding', 'The login was bound to its TLS channel (tls-unique).')
    : skipped(
        'channel-binding',
        `${channel.version} has no channel binding; the server does not require it.`,
      );
}
