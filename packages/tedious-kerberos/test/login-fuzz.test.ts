import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  proof,
  type ScriptedAuthenticator,
  scriptedAuthenticator,
} from '../../../local/testing/scripted-authenticator.ts';
import { packet } from '../../../local/testing/tds-server/conversation.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import {
  done,
  error,
  loginAck,
  routing,
  sspi,
  transaction,
} from '../../../local/testing/tds-server/tokens.ts';
import { Connection, connect, LoginError } from '../src/index.ts';

/** What the server sends instead of a login response before it closes the connection. */
let answer: readonly Buffer[] = [];
let server: ScriptedServer;
const escaped: unknown[] = [];
const note = (reason: unknown) => escaped.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  server = await startScriptedServer({
    login: (client) => {
      for (const part of answer) client.socket.write(part);
      client.socket.end();
    },
  });
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  await server.stop();
});

/**
 * Checks that the login does not hang, throws only a LoginError, succeeds only if the server has proven its identity, and
 * disposes of the session.
 *
 * @returns whether it logged in: random tokens may happen to be a valid login
 */
async function keepsItsPromise(parts: readonly Buffer[]): Promise<boolean> {
  answer = parts;
  const authenticator: ScriptedAuthenticator = scriptedAuthenticator();
  const outcome = await connect({
    server: '127.0.0.1',
    authenticator,
    options: { port: server.port, encrypt: false, connectTimeout: 60_000, maxRetriesOnTransientErrors: 0 },
  }).catch((reason: unknown) => reason);
  const loggedIn = outcome instanceof Connection;
  if (loggedIn) {
    outcome.close();
    expect(authenticator.serverTokens).toContainEqual(proof);
  } else {
    expect(outcome).toBeInstanceOf(LoginError);
    expect(outcome).not.toMatchObject({ code: 'TIMEOUT' });
  }
  expect(authenticator.disposed).toBe(authenticator.begun);
  expect(escaped).toEqual([]);
  return loggedIn;
}

const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data));
const goodToken = fc.oneof(
  bytes.map(sspi),
  fc.constantFrom(loginAck(), done(), sspi(proof), error(18456, 1, 'No.'), transaction(8)),
  fc.constant(routing('127.0.0.1', 1)),
);
const mutated = goodToken.chain((token) =>
  fc.tuple(fc.nat(token.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
    const copy = Buffer.from(token);
    copy[at] = value;
    return copy;
  }),
);
const token = fc.oneof(goodToken, mutated, bytes);
/** A message of tokens, split into packets anywhere, including empty ones. */
const message = fc
  .tuple(fc.array(token, { maxLength: 5 }), fc.array(fc.nat(50), { maxLength: 4 }))
  .map(([tokens, cuts]) => {
    const body = Buffer.concat(tokens);
    const at = [0, ...cuts.map((cut) => Math.min(cut, body.length)).sort((a, b) => a - b), body.length];
    return Buffer.concat(
      at.slice(1).map((end, index) => packet(body.subarray(at[index], end), index === at.length - 2)),
    );
  });

test('any sequence of valid, broken or random tokens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 4 }), async (messages) => {
      await keepsItsPromise(messages);
    }),
    { numRuns: 300 },
  );
});

test('random bytes instead of packets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 4 }), async (parts) => {
      expect(await keepsItsPromise(parts)).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('a valid login cut off at any byte', async () => {
  const whole = packet(Buffer.concat([sspi(proof), loginAck(), done()]), true);
  for (let end = 0; end < whole.length; end += 1) {
    expect(await keepsItsPromise([whole.subarray(0, end)])).toBe(false);
  }
});

test('a valid login needs the proof, whatever the answer to its first statement', async () => {
  const accepted = [loginAck(), done()];
  for (const statement of [Buffer.alloc(0), done()]) {
    const messages = (tokens: readonly Buffer[]) => [
      packet(Buffer.concat(tokens), true),
      packet(statement, true),
    ];
    expect(await keepsItsPromise(messages([sspi(proof), ...accepted]))).toBe(true);
    expect(await keepsItsPromise(messages(accepted))).toBe(false);
  }
});
