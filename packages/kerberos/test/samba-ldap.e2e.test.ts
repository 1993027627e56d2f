import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KerberosSite, startKerberosSite } from '../../../local/testing/kerberos-site.ts';
import { readElement, readElements } from '../src/der/read.ts';
import { readEnumerated } from '../src/der/values.ts';
import * as der from '../src/der/write.ts';
import {
  type Credential,
  configurationFrom,
  KdcClient,
  mechanism,
  NegotiateInitiator,
  obtainInitialTicket,
  parsePrincipal,
} from '../src/index.ts';

/** Tests against Samba's own SPNEGO and Heimdal as acceptor: a SASL bind to the directory (RFC 4511, section 4.2). */

let site: KerberosSite;
let credential: Credential;
beforeAll(async () => {
  site = await startKerberosSite();
  const kdc = new KdcClient({
    configuration: configurationFrom(await readFile(site.domain.krb5Conf, 'utf8')),
  });
  const client = parsePrincipal(site.user.name, site.domain.realm);
  const service = parsePrincipal(`HOST/dc1.${site.domain.name}`, site.domain.realm);
  credential = await obtainInitialTicket(kdc, { client, password: site.user.password, service });
});
afterAll(() => site?.dispose());

const SUCCESS = 0;
const IN_PROGRESS = 14;

interface BindAnswer {
  readonly result: number;
  readonly token: Buffer | undefined;
}

async function bind(socket: Socket, id: number, token: Buffer): Promise<BindAnswer> {
  const sasl = der.element(
    0xa3,
    Buffer.concat(['GSS-SPNEGO', token].map((part) => der.octetString(Buffer.from(part)))),
  );
  const request = der.application(0, Buffer.concat([der.integer(3), der.octetString(Buffer.alloc(0)), sasl]));
  const answer = once(socket, 'data');
  socket.write(der.sequenceOf([der.integer(id), request]));
  const message = readElement((await answer)[0] as Buffer, 'LDAPMessage');
  const response = readElements(message.contents, 'LDAPMessage')[1];
  const parts = readElements(response?.contents ?? Buffer.alloc(0), 'BindResponse');
  return {
    result: readEnumerated(parts[0] as NonNullable<(typeof parts)[0]>, 'resultCode'),
    token: parts.find(({ identifier }) => identifier === 0x87)?.contents,
  };
}

async function signIn(offer?: readonly string[]): Promise<{ login: NegotiateInitiator; results: number[] }> {
  const socket = connect({ host: site.domain.kdcs[0], port: 389 });
  const login = new NegotiateInitiator({ credential, ...(offer ? { offer } : {}) });
  const results: number[] = [];
  let token: Buffer | undefined = login.initialToken();
  try {
    await once(socket, 'connect');
    for (let id = 1; token; id += 1) {
      const answer = await bind(socket, id, token);
      results.push(answer.result);
      token = answer.token && login.nextToken(answer.token);
    }
  } finally {
    socket.destroy();
  }
  return { login, results };
}

test('Kerberos alone', async () => {
  const { login, results } = await signIn();
  expect(results).toEqual([SUCCESS]);
  expect(login.complete).toBe(true);
});

test('as Windows offers it', async () => {
  const { login, results } = await signIn([
    mechanism.kerberosMicrosoft,
    mechanism.kerberos,
    '1.3.6.1.4.1.311.2.2.30',
    '1.3.6.1.4.1.311.2.2.10',
  ]);
  expect(results.at(-1)).toBe(SUCCESS);
  expect(login.complete).toBe(true);
});

test('with an unsupported mechanism first, the list is signed in both directions', async () => {
  const { login, results } = await signIn(['1.3.6.1.4.1.311.2.2.30', mechanism.kerberos]);
  expect(results).toEqual([IN_PROGRESS, IN_PROGRESS, SUCCESS]);
  expect(login.complete).toBe(true);
});
