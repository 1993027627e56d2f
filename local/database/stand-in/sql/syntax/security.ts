import { unsupported } from '../../sql-error.ts';
import type { Securable, StatementBody } from './statements.ts';
import type { TokenStream } from './token-stream.ts';

/** LOGIN, USER or ROLE; all but USER are ordinary words. */
function principalKind(tokens: TokenStream, verb: string): string {
  const { key, text } = tokens.peek();
  if (!/^(LOGIN|USER|ROLE)$/.test(key)) throw unsupported(`${verb} ${key || text}`);
  tokens.next();
  return key;
}

export function parseCreatePrincipal(tokens: TokenStream): StatementBody {
  const kind = principalKind(tokens, 'CREATE');
  const name = tokens.name();
  if (kind === 'LOGIN') {
    const windows = tokens.accept('FROM', 'WINDOWS');
    if (!windows && !tokens.is('WITH')) tokens.fail();
    const options = parseOptions(tokens, 'PASSWORD', 'DEFAULT_DATABASE', 'CHECK_POLICY', 'CHECK_EXPIRATION');
    const { PASSWORD: password, DEFAULT_DATABASE: defaultDatabase } = options;
    if (!windows && password === undefined) tokens.fail();
    return {
      kind: 'createLogin',
      name,
      windows,
      ...(password === undefined ? {} : { password }),
      ...(defaultDatabase === undefined ? {} : { defaultDatabase }),
    };
  }
  if (kind === 'USER') {
    if (tokens.is('WITHOUT')) throw unsupported('CREATE USER … WITHOUT LOGIN');
    const login = tokens.accept('FOR', 'LOGIN') || tokens.accept('FROM', 'LOGIN') ? tokens.name() : name;
    const { DEFAULT_SCHEMA: defaultSchema } = parseOptions(tokens, 'DEFAULT_SCHEMA');
    return { kind: 'createUser', name, login, ...(defaultSchema === undefined ? {} : { defaultSchema }) };
  }
  if (tokens.accept('AUTHORIZATION')) tokens.name();
  return { kind: 'createRole', name };
}

/** `WITH name = value, …`, if it comes next. */
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
export function parseAlterUser(tokens: TokenStream): StatementBody {
  const name = tokens.name();
  if (!tokens.accept('WITH', 'LOGIN')) throw unsupported('ALTER USER for anything but its login');
  tokens.expect('=');
  return { kind: 'bindUser', name, login: tokens.name() };
}

/** `ALTER ROLE … ADD MEMBER` and its counterpart. */
export function parseAlterRole(tokens: TokenStream): StatementBody {
  const role = tokens.name();
  const add = tokens.accept('ADD');
  if (!add) tokens.expect('DROP');
  tokens.expect('MEMBER');
  return { kind: 'alterRole', role, member: tokens.name(), add };
}

export function parseDropPrincipal(tokens: TokenStream): StatementBody {
  const kind = principalKind(tokens, 'DROP');
  if (kind === 'ROLE') throw unsupported('DROP ROLE');
  const ifExists = kind === 'USER' && tokens.accept('IF', 'EXISTS');
  const name = tokens.name();
  return kind === 'LOGIN' ? { kind: 'dropLogin', name } : { kind: 'dropUser', name, ifExists };
}

export function parseGrant(tokens: TokenStream): StatementBody {
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
  return { kind: 'grant', permissions, securable, principals };
}

function parseSecurable(tokens: TokenStream): Securable {
  if (tokens.accept('SCHEMA', '::')) return { class: 'SCHEMA', name: tokens.name() };
  if (tokens.peek(1).key === '::') {
    const kind = tokens.next();
    if (kind.key !== 'OBJECT') throw unsupported(`A permission on ${kind.text}`);
    tokens.expect('::');
  }
  return { class: 'OBJECT', name: tokens.objectName() };
}
