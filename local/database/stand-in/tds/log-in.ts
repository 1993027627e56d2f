import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { KerberosAcceptor, UntrustedLogin, windowsAccount } from '../security/kerberos-acceptor.ts';
import { type Login, LoginRefused } from '../security/logins.ts';
import { refusalToken } from '../security/refusal-token.ts';
import type { Instance } from '../sql/engine/instance.ts';
import { productVersion } from '../sql/engine/product.ts';
import { Session } from '../sql/engine/session.ts';
import { SqlError, sqlError } from '../sql-error.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Login7, parseLogin7 } from './login7.ts';
import type { MessageChannel } from './message-channel.ts';
import { packetType } from './packets.ts';
import { clientEncryption, encryption, negotiateEncryption, preloginResponse } from './prelogin.ts';
import {
  doneStatus,
  doneToken,
  writeCollationChange,
  writeDone,
  writeLoginAck,
  writeMessage,
  writeRoutingChange,
  writeSspi,
  writeTextChange,
  writeUtf8Support,
} from './tokens.ts';

/** What all connections of a server share. */
export interface ServerContext {
  readonly name: string;
  readonly instance: Instance;
  /** TLS inside TDS 7.4. */
  readonly tunnelled: SecureContext;
  /** TLS around TDS 8.0. */
  readonly strict: SecureContext;
  readonly forceEncryption?: boolean;
  readonly port: number;
  /** Undefined on a server without a keytab: Windows logins are refused. */
  readonly domain: { readonly realm: string; readonly netbiosName: string } | undefined;
  readonly sspiToken?: 'with-login' | 'before-login';
  readonly refusalToken?: boolean;
  readonly routeTo?: { readonly server: string; readonly port: number };
  log(event: string, details: Record<string, unknown>): void;
}

/** Leads a client through PRELOGIN, TLS and LOGIN7; undefined when it has gone or was refused. */
export async function logIn(
  channel: MessageChannel,
  socket: Socket,
  context: ServerContext,
): Promise<Session | undefined> {
  const { strict } = await channel.open(context.strict);
  const prelogin = await channel.read();
  if (prelogin?.type !== packetType.prelogin) return undefined;
  const asked = clientEncryption(prelogin.payload);
  const negotiated = strict
    ? encryption.notSupported
    : negotiateEncryption(asked, context.forceEncryption ?? false);
  await channel.send(preloginResponse(negotiated, productVersion));
  const encrypted = strict || negotiated !== encryption.notSupported;
  if (encrypted && !strict) channel.startTls(context.tunnelled);

  const message = await channel.read();
  if (message?.type !== packetType.login7) return undefined;
  const login7 = parseLogin7(message.payload);
  /** What GSSAPI has to say to the client, whether it is let in or not. */
  let token: Buffer | undefined;
  try {
    let login: Login;
    if (login7.integratedSecurity) {
      const accepted = await acceptTicket(channel, context, login7.sspi);
      token = accepted.token;
      login = context.instance.logins.admitWindows(accepted.account);
    } else login = context.instance.logins.authenticate(login7.userName, login7.password);
    const session = new Session(
      context.instance,
      login,
      {
        hostName: login7.hostName,
        applicationName: login7.applicationName,
        address: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
        port: context.port,
        encrypted,
        scheme: login7.integratedSecurity ? 'KERBEROS' : 'SQL',
      },
      login7.database || login.defaultDatabase,
    );
    await accept(channel, context, login7, session, token);
    return session;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error instanceof UntrustedLogin && context.domain)
      token = refusalToken(login7.sspi, error.reason, context.domain.realm);
    await refuse(channel, context, login7, error, token);
    return undefined;
  }
}

/** Brings GSSAPI's conversation to its end: the client's Windows account, and the last token for it. */
async function acceptTicket(
  channel: MessageChannel,
  context: ServerContext,
  first: Buffer,
): Promise<{ account: string; token: Buffer }> {
  if (!context.domain) throw new UntrustedLogin('This server has no keytab.');
  const acceptor = new KerberosAcceptor();
  let { token, principal } = await acceptor.accept(first);
  while (principal === undefined) {
    const writer = new ByteWriter();
    writeSspi(writer, token);
    await channel.send(writer.take());
    const answer = await channel.read();
    if (answer?.type !== packetType.sspi) throw new UntrustedLogin('The client did not go on with SSPI.');
    ({ token, principal } = await acceptor.accept(answer.payload));
  }
  const { realm, netbiosName } = context.domain;
  return { account: windowsAccount(principal, realm, netbiosName), token };
}

async function accept(
  channel: MessageChannel,
  context: ServerContext,
  login7: Login7,
  session: Session,
  token: Buffer | undefined,
) {
  const writer = new ByteWriter();
  if (token && token.length > 0) {
    writeSspi(writer, token);
    if (context.sspiToken === 'before-login') await channel.send(writer.take());
  }
  const packetSize = login7.packetSize >= 512 && login7.packetSize <= 32_767 ? login7.packetSize : 4096;
  const tdsVersion = login7.tdsVersion === 0x08000000 ? 0x08000000 : Math.min(login7.tdsVersion, 0x74000004);
  const { name: database } = session.database;
  writeTextChange(writer, 'database', database, 'master');
  writeMessage(writer, sqlError(5701, database), context.name);
  writeCollationChange(writer);
  writeTextChange(writer, 'language', 'us_english');
  writeMessage(writer, sqlError(5703), context.name);
  writeLoginAck(writer, tdsVersion, productVersion);
  writeTextChange(writer, 'packetSize', String(packetSize), '4096');
  if (login7.utf8Support) writeUtf8Support(writer);
  if (context.routeTo) writeRoutingChange(writer, context.routeTo.server, context.routeTo.port);
  writeDone(writer, doneToken.done, doneStatus.final);
  channel.spid = session.spid;
  await channel.send(writer.take());
  channel.packetSize = packetSize;
  const { login, client } = session;
  context.log('login succeeded', {
    login: login.name,
    scheme: client.scheme,
    database,
    address: client.address,
    encrypted: client.encrypted,
  });
}

/** Tells the client no more than SQL Server would, and the log why. */
async function refuse(
  channel: MessageChannel,
  context: ServerContext,
  login7: Login7,
  error: SqlError,
  token: Buffer | undefined,
) {
  const writer = new ByteWriter();
  if (context.refusalToken && token && token.length > 0) writeSspi(writer, token);
  writeMessage(writer, error, context.name);
  if (error.number === 4060) {
    const user = login7.userName || 'the Windows account';
    const failed = sqlError(18456, user);
    writeMessage(writer, failed, context.name);
  }
  writeDone(writer, doneToken.done, doneStatus.error);
  if (context.refusalToken) channel.sendAndFinish(writer.take());
  else {
    await channel.send(writer.take());
    channel.finish();
  }
  const known = error instanceof LoginRefused || error instanceof UntrustedLogin ? error.reason : undefined;
  const state = error instanceof LoginRefused ? error.trueState : error.state;
  context.log('login refused', {
    number: error.number,
    state,
    message: error.message,
    ...(known ? { reason: known } : {}),
  });
}
