import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { KerberosAcceptor, UntrustedLogin, windowsAccount } from '../security/kerberos-acceptor.ts';
import { type Login, LoginRefused } from '../security/logins.ts';
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

/** What the connections of a server share. */
export interface ServerContext {
  readonly name: string;
  readonly instance: Instance;
  /** TLS inside TDS 7.4. */
  readonly tunnelled: SecureContext;
  /** TLS around TDS 8.0. */
  readonly strict: SecureContext;
  readonly forceEncryption?: boolean;
  /** Undefined on a server without a keytab, which refuses Windows logins. */
  readonly domain: { readonly realm: string; readonly netbiosName: string } | undefined;
  readonly sspiToken?: 'with-login' | 'before-login';
  readonly routeTo?: { readonly server: string; readonly port: number };
  log(event: string, details: Record<string, unknown>): void;
}

/** Handles PRELOGIN, TLS and LOGIN7; returns undefined if the client has disconnected or was refused. */
export async function logIn(
  channel: MessageChannel,
  socket: Socket,
  context: ServerContext,
): Promise<Session | undefined> {
  const { strict } = await channel.open(context.strict);
  const prelogin = await channel.read();
  if (prelogin?.type !== packetType.prelogin) return undefined;
  const asked = clientEncryption(prelogin.payload);
  const negotiated = negotiateEncryption(asked, context.forceEncryption ?? false);
  const inTds = !strict && negotiated !== encryption.notSupported;
  await channel.send(preloginResponse(strict ? encryption.notSupported : negotiated, productVersion));
  if (inTds) channel.startTls(context.tunnelled);

  const message = await channel.read();
  if (message?.type !== packetType.login7) return undefined;
  const login7 = parseLogin7(message.payload);
  try {
    const { login, token } = await authenticate(channel, context, login7);
    const client = {
      hostName: login7.hostName,
      applicationName: login7.applicationName,
      address: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      scheme: login7.integratedSecurity ? ('KERBEROS' as const) : ('SQL' as const),
    };
    const session = new Session(context.instance, login, client, login7.database || login.defaultDatabase);
    await accept(channel, context, login7, session, token);
    context.log('login succeeded', { login: login.name, ...client, encrypted: strict || inTds });
    return session;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    await refuse(channel, context, login7, error);
    return undefined;
  }
}

/** Authenticates the client; returns its login and the last GSSAPI token for it. */
async function authenticate(
  channel: MessageChannel,
  { domain, instance: { logins } }: ServerContext,
  { integratedSecurity, userName, password, sspi }: Login7,
): Promise<{ login: Login; token?: Buffer }> {
  if (!integratedSecurity) return { login: logins.authenticate(userName, password) };
  if (!domain) throw new UntrustedLogin('This server has no keytab.');
  const acceptor = new KerberosAcceptor();
  let { token, principal } = await acceptor.accept(sspi);
  while (principal === undefined) {
    const writer = new ByteWriter();
    writeSspi(writer, token);
    await channel.send(writer.take());
    const answer = await channel.read();
    if (answer?.type !== packetType.sspi) throw new UntrustedLogin('The client did not go on with SSPI.');
    ({ token, principal } = await acceptor.accept(answer.payload));
  }
  return { login: logins.admitWindows(windowsAccount(principal, domain.realm, domain.netbiosName)), token };
}

async function accept(
  channel: MessageChannel,
  { name, sspiToken, routeTo }: ServerContext,
  login7: Login7,
  { spid, database: { name: database } }: Session,
  token: Buffer | undefined,
) {
  const writer = new ByteWriter();
  if (token && token.length > 0) {
    writeSspi(writer, token);
    if (sspiToken === 'before-login') await channel.send(writer.take());
  }
  const packetSize = login7.packetSize >= 512 && login7.packetSize <= 32_767 ? login7.packetSize : 4096;
  const tdsVersion = login7.tdsVersion === 0x08000000 ? 0x08000000 : Math.min(login7.tdsVersion, 0x74000004);
  writeTextChange(writer, 'database', database, 'master');
  writeMessage(writer, sqlError(5701, database), name);
  writeCollationChange(writer);
  writeTextChange(writer, 'language', 'us_english');
  writeMessage(writer, sqlError(5703), name);
  writeLoginAck(writer, tdsVersion, productVersion);
  writeTextChange(writer, 'packetSize', String(packetSize), '4096');
  if (login7.utf8Support) writeUtf8Support(writer);
  if (routeTo) writeRoutingChange(writer, routeTo.server, routeTo.port);
  writeDone(writer, doneToken.done, doneStatus.final);
  channel.spid = spid;
  await channel.send(writer.take());
  channel.packetSize = packetSize;
}

/** Refuses a login: the client gets the same information as from SQL Server, the log gets the reason. */
async function refuse(
  channel: MessageChannel,
  context: ServerContext,
  { userName }: Login7,
  error: SqlError,
) {
  const writer = new ByteWriter();
  const errors =
    error.number === 4060 ? [error, sqlError(18456, userName || 'the Windows account')] : [error];
  for (const one of errors) writeMessage(writer, one, context.name);
  writeDone(writer, doneToken.done, doneStatus.error);
  await channel.send(writer.take());
  channel.finish();
  const { number, message } = error;
  const reason = error instanceof LoginRefused || error instanceof UntrustedLogin ? error.reason : undefined;
  context.log('login refused', { number, message, reason });
}
