import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type ClientMessage, Conversation, messageType } from './conversation.ts';
import { type Login7, parseLogin7 } from './login7.ts';
import { done, doneProc } from './tokens.ts';

/** Handles a login. Returns when the client is logged in or has disconnected. */
export type LoginScript = (conversation: Conversation, login: Login7) => Promise<void> | void;

export interface ScriptedServerOptions {
  readonly login?: LoginScript;
  /** Answers a request after the login. Default: an empty result. */
  readonly request?: (conversation: Conversation, message: ClientMessage) => Promise<void> | void;
  /** Answers PRELOGIN. Default: encryption is not supported. */
  readonly prelogin?: (conversation: Conversation) => void;
  /** TLS around TDS, as with `encrypt: 'strict'`. */
  readonly tls?: TlsOptions;
  readonly address?: string;
  /** Default: any free port. */
  readonly port?: number;
}

export interface ScriptedServer {
  readonly port: number;
  readonly logins: readonly Login7[];
  /** The number of open connections. */
  readonly connections: number;
  readonly sockets: ReadonlySet<Socket>;
  /** Destroys all connections, as a failing network does. */
  dropAll(): void;
  stop(): Promise<void>;
}

/** Starts a server that sends exactly what a test wants, so that tests can produce any protocol fault. */
export async function startScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const logins: Login7[] = [];
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void serve(new Conversation(socket), options, logins);
  };
  const server = options.tls
    ? createTlsServer({ ...options.tls, ALPNProtocols: ['tds/8.0'] }, onSocket).on('tlsClientError', () => {})
    : createServer(onSocket);
  const port = await listen(server, options.address ?? '127.0.0.1', options.port ?? 0);
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    logins,
    sockets,
    get connections() {
      return sockets.size;
    },
    dropAll,
    stop: () => {
      dropAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** PRELOGIN with VERSION and ENCRYPTION "not supported" ([MS-TDS] 2.2.6.5). */
function answerPrelogin(conversation: Conversation): void {
  const options = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff];
  conversation.send([Buffer.from([...options, 16, 0, 0, 0, 0, 0, 2])]);
}

async function serve(conversation: Conversation, options: ScriptedServerOptions, logins: Login7[]) {
  for (let message = await conversation.read(); message; message = await conversation.read()) {
    if (message.type === messageType.prelogin) (options.prelogin ?? answerPrelogin)(conversation);
    else if (message.type === messageType.login7) {
      const login = parseLogin7(message.body, message.packets);
      logins.push(login);
      await options.login?.(conversation, login);
    } else await (options.request ?? answerRequest)(conversation, message);
  }
}

/** Sends an empty result, or the acknowledgement of a cancellation. */
export function answerRequest(conversation: Conversation, message: ClientMessage): void {
  if (message.type === messageType.attention) conversation.send([done(0x20)]);
  else conversation.send([message.type === messageType.rpc ? doneProc() : done()]);
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? bound.port : 0);
    });
  });
}
