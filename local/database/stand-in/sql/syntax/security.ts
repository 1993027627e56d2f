import { unsupported } from '../../sql-error.ts';
import type { Securable, StatementBody } from './statements.ts';
import type { TokenStream } from './token-stream.ts';

type Principal = 'LOGIN' | 'USER' | 'ROLE' | 'SERVER';

/** LOGIN, USER and ROLE are ordinary words except USER. */
function principalKind(tokens: TokenStream, verb: string): Principal {
  const { key } = tokens.peek();
  if (key === 'LOGIN' || key === 'USER' || key === 'ROLE' || key === 'SERVER') {
    tokens.next();
    if (key === 'SERVER') tokens.expect('ROLE');
    return key;
  }
  throw unsupported(`${verb} ${key || tokens.peek().text}`);
}

export function parseCreatePrincipal(tokens: TokenStream): StatementBody {
  const kind = principalKind(tokens, 'CREATE');
  const name = tokens.name();
  switch (kind) {
    case 'LOGIN':
      if (tokens.accept('FROM', 'WINDOWS')) {
        const { defaultDatabase } = tokens.accept('WITH') ? parseLoginOptions(tokens) : {};
        return { kind: 'createLogin', name, windows: true, ...(defaultDatabase ? { defaultDatabase } : {}) };
      }
      tokens.expect('WITH');
      return { kind: 'createLogin', name, windows: false, ...parseLoginOptions(tokens) };
    case 'USER': {
      if (tokens.accept('WITHOUT', 'LOGIN'))
        return { kind: 'createUser', name, withoutLogin: true, ...parseUserOptions(tokens) };
      const login =
        tokens.accept('FOR', 'LOGIN') || tokens.accept('FROM', 'LOGIN') ? { login: tokens.name() } : {};
      return { kind: 'createUser', name, withoutLogin: false, ...login, ...parseUserOptions(tokens) };
    }
    case 'ROLE':
      return {
        kind: 'createRole',
        name,
        ...(tokens.accept('AUTHORIZATION') ? { owner: tokens.name() } : {}),
      };
    default:
      throw unsupported('CREATE SERVER ROLE');
  }
}

function parseLoginOptions(tokens: TokenStream) {
  const options: { password?: string; defaultDatabase?: string } = {};
  tokens.list(() => {
    const option = tokens.name().toUpperCase();
    tokens.expect('=');
    if (option === 'PASSWORD') {
      options.password = tokens.string();
      while (/^(MUST_CHANGE|UNLOCK)$/.test(tokens.peek().key)) tokens.next();
      if (tokens.peek().key === 'HASHED') throw unsupported('A hashed password');
    } else if (option === 'DEFAULT_DATABASE') options.defaultDatabase = tokens.name();
    else if (/^(CHECK_POLICY|CHECK_EXPIRATION|DEFAULT_LANGUAGE|OLD_PASSWORD|SID)$/.test(option))
      tokens.next();
    else throw unsupported(`The login option ${option}`);
  });
  return options;
}

function parseUserOptions(tokens: TokenStream) {
  const options: { defaultSchema?: string; login?: string; newName?: string } = {};
  if (!tokens.accept('WITH')) return options;
  tokens.list(() => {
    const option = tokens.name().toUpperCase();
    tokens.expect('=');
    if (option === 'DEFAULT_SCHEMA') options.defaultSchema = tokens.name();
    else if (option === 'LOGIN') options.login = tokens.name();
    else if (option === 'NAME') options.newName = tokens.name();
    else throw unsupported(`The user option ${option}`);
  });
  return options;
}

export function parseAlterPrincipal(tokens: TokenStream): StatementBody {
  const kind = principalKind(tokens, 'ALTER');
  const name = tokens.name();
  if (kind === 'LOGIN') {
    const enabled = tokens.peek().key;
    if (enabled === 'ENABLE' || enabled === 'DISABLE') {
      tokens.next();
      return { kind: 'alterLogin', name, windows: false, enabled: enabled === 'ENABLE' };
    }
    tokens.expect('WITH');
    return { kind: 'alterLogin', name, windows: false, ...parseLoginOptions(tokens) };
  }
  if (kind === 'USER') return { kind: 'alterUser', name, ...parseUserOptions(tokens) };
  const add = tokens.accept('ADD');
  if (!add) tokens.expect('DROP');
  tokens.expect('MEMBER');
  return { kind: 'alterRole', role: name, server: kind === 'SERVER', member: tokens.name(), add };
}

export function parseDropPrincipal(tokens: TokenStream): StatementBody {
  const kind = principalKind(tokens, 'DROP');
  const ifExists = kind !== 'LOGIN' && tokens.accept('IF', 'EXISTS');
  const name = tokens.name();
  if (kind === 'LOGIN') return { kind: 'dropLogin', name };
  if (kind === 'SERVER') throw unsupported('DROP SERVER ROLE');
  return { kind: kind === 'USER' ? 'dropUser' : 'dropRole', name, ifExists };
}

export function parsePermission(tokens: TokenStream): StatementBody {
  const action = tokens.next().key as 'GRANT' | 'DENY' | 'REVOKE';
  if (tokens.is('GRANT', 'OPTION')) throw unsupported('REVOKE GRANT OPTION');
  const permissions = tokens.list(() => {
    const words: string[] = [];
    while (tokens.peek().kind === 'word' && !tokens.is('ON') && !tokens.is('TO') && !tokens.is('FROM'))
      words.push(tokens.next().key);
    if (words.length === 0) tokens.fail();
    if (tokens.is('(')) throw unsupported('A permission on columns');
    return words.join(' ');
  });
  const securable = parseSecurable(tokens, permissions);
  if (!tokens.acceptAny('TO', 'FROM')) tokens.fail();
  const principals = tokens.list(() => tokens.name());
  if (tokens.is('WITH', 'GRANT')) throw unsupported('WITH GRANT OPTION');
  tokens.accept('CASCADE');
  return { kind: 'permission', action, permissions, securable, principals };
}

function parseSecurable(tokens: TokenStream, permissions: readonly string[]): Securable {
  if (!tokens.accept('ON')) {
    const server = permissions.every((permission) =>
      / ANY (LOGIN|DATABASE|CONNECTION)$|SERVER STATE$|^CONNECT SQL$/.test(permission),
    );
    return { class: server ? 'SERVER' : 'DATABASE' };
  }
  if (tokens.accept('SCHEMA', '::')) return { class: 'SCHEMA', name: tokens.name() };
  if (tokens.accept('DATABASE', '::')) return { class: 'DATABASE', name: tokens.name() };
  if (tokens.peek(1).key === '::') {
    const kind = tokens.next();
    if (kind.key !== 'OBJECT') throw unsupported(`A permission on ${kind.text}`);
    tokens.expect('::');
  }
  return { class: 'OBJECT', name: tokens.objectName() };
}
