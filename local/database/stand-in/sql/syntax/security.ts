import { unsupported } from '../../sql-error.ts';
import type { Run } from '../engine/execution.ts';
import * as security from '../engine/security.ts';
import type { Session } from '../engine/session.ts';
import type { TokenStream } from './token-stream.ts';

/** A statement that needs only the session and returns no rows. */
export const simply =
  (run: (session: Session) => void): Run =>
  ({ session, sink }) => {
    run(session);
    sink.done();
  };

/** LOGIN, USER or ROLE; only USER is a reserved word. */
function principalKind(tokens: TokenStream, verb: string): string {
  const { key, text } = tokens.peek();
  if (!/^(LOGIN|USER|ROLE)$/.test(key)) throw unsupported(`${verb} ${key || text}`);
  tokens.next();
  return key;
}

export function parseCreatePrincipal(tokens: TokenStream): Run {
  const kind = principalKind(tokens, 'CREATE');
  const name = tokens.name();
  if (kind === 'LOGIN') {
    const windows = tokens.accept('FROM', 'WINDOWS');
    const options = parseOptions(tokens, 'PASSWORD', 'DEFAULT_DATABASE', 'CHECK_POLICY', 'CHECK_EXPIRATION');
    const { PASSWORD: password, DEFAULT_DATABASE: defaultDatabase } = options;
    if (!windows && password === undefined) tokens.fail();
    return simply((session) => security.createLogin(session, name, { windows, password, defaultDatabase }));
  }
  if (kind === 'USER') {
    if (tokens.is('WITHOUT')) throw unsupported('CREATE USER … WITHOUT LOGIN');
    const login = tokens.accept('FOR', 'LOGIN') || tokens.accept('FROM', 'LOGIN') ? tokens.name() : name;
    const { DEFAULT_SCHEMA: schema = 'dbo' } = parseOptions(tokens, 'DEFAULT_SCHEMA');
    return simply((session) => security.createUser(session, name, login, schema));
  }
  if (tokens.accept('AUTHORIZATION')) tokens.name();
  return simply((session) => security.createRole(session, name));
}

/** Parses `WITH name = value, …`, if it is there. */
function parseOptions(tokens: TokenStream, ...known: string[]): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  if (!tokens.accept('WITH')) return options;
  tokens.list(() => {
    const option = tokens.name().toUpperCase();
    if (!known.includes(option)) throw unsupported(`The option ${option}`);
    tokens.expect('=');
    options[option] = tokens.next().text;
    if (/^(HASHED|MUST_CHANGE)$/.test(tokens.peek().key))
      throw unsupported(`A password that is ${tokens.peek().key}`);
  });
  return options;
}

/** `ALTER USER … WITH LOGIN = …` */
export function parseAlterUser(tokens: TokenStream): Run {
  const name = tokens.name();
  if (!tokens.accept('WITH', 'LOGIN')) throw unsupported('ALTER USER for anything but its login');
  tokens.expect('=');
  const login = tokens.name();
  return simply((session) => security.bindUser(session, name, login));
}

/** `ALTER ROLE … ADD MEMBER` and `DROP MEMBER`. */
export function parseAlterRole(tokens: TokenStream): Run {
  const role = tokens.name();
  const add = tokens.accept('ADD');
  if (!add) tokens.expect('DROP');
  tokens.expect('MEMBER');
  const member = tokens.name();
  return simply((session) => security.alterRole(session, role, member, add));
}

export function parseDropPrincipal(tokens: TokenStream): Run {
  const kind = principalKind(tokens, 'DROP');
  if (kind === 'ROLE') throw unsupported('DROP ROLE');
  const ifExists = kind === 'USER' && tokens.accept('IF', 'EXISTS');
  const name = tokens.name();
  return simply((session) =>
    kind === 'LOGIN' ? security.dropLogin(session, name) : security.dropUser(session, name, ifExists),
  );
}

export function parseGrant(tokens: TokenStream): Run {
  tokens.expect('GRANT');
  const permissions = tokens.list(() => {
    const words: string[] = [];
    while (tokens.peek().kind === 'word' && !tokens.is('ON') && !tokens.is('TO'))
      words.push(tokens.next().key);
    if (words.length === 0) tokens.fail();
    if (tokens.is('(')) throw unsupported('A permission on columns');
    return words.join(' ');
  });
  const securable = tokens.accept('ON') ? parseSecurable(tokens) : ({ class: 'DATABASE' } as const);
  tokens.expect('TO');
  const principals = tokens.list(() => tokens.name());
  if (tokens.is('WITH', 'GRANT')) throw unsupported('WITH GRANT OPTION');
  return simply((session) => security.grant(session, permissions, securable, principals));
}

function parseSecurable(tokens: TokenStream): security.Securable {
  if (tokens.accept('SCHEMA', '::')) return { class: 'SCHEMA', name: tokens.name() };
  if (tokens.peek(1).key === '::') {
    const kind = tokens.next();
    if (kind.key !== 'OBJECT') throw unsupported(`A permission on ${kind.text}`);
    tokens.expect('::');
  }
  return { class: 'OBJECT', name: tokens.objectName() };
}
