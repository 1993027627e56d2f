import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { proof, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { packet } from '../../../local/testing/tds-server/conversation.ts';
import { answerRequest } from '../../../local/testing/tds-server/scripted-server.ts';
import { sspi } from '../../../local/testing/tds-server/tokens.ts';
import type { LoginError } from '../src/index.ts';
import { type ScriptedLogin, scriptedLogin } from './scripted-login.ts';

let login: ScriptedLogin;
afterEach(async () => {
  expect(login.authenticator.disposed, 'every session is disposed of').toBe(login.authenticator.begun);
  await login.server.stop();
});

const never = () => new Promise<Buffer>(() => {});
const silent = () => {};

/** A login that gets stuck at this step. */
function stuckAt(step: string): Parameters<typeof scriptedLogin>[0] {
  if (step === 'prelogin') return { prelogin: silent };
  if (step === 'ticket') return { authenticator: scriptedAuthenticator({ initialToken: never }) };
  return step === 'login' ? { login: silent } : { request: silent };
}

/** Lets the login time out at this step. A slow machine may need a longer limit to get that far. */
async function endAt(
  step: string,
  failing: (limitMilliseconds: number) => Promise<LoginError>,
): Promise<LoginError> {
  let failure = await failing(500);
  for (const limit of [4000, 30_000]) {
    if (failure.step === step) break;
    await login.server.stop();
    failure = await failing(limit);
  }
  return failure;
}

describe.each(['prelogin', 'ticket', 'login', 'session'])('a login stuck at step %s', (step) => {
  test('ends at the time limit of the connection', async () => {
    const failure = await endAt(step, async (connectTimeout) => {
      login = await scriptedLogin({ ...stuckAt(step), connectTimeout });
      return login.failure();
    });
    expect(failure).toMatchObject({ code: 'TIMEOUT', step });
  });

  test("ends at the caller's time limit", async () => {
    const failure = await endAt(step, async (limit) => {
      login = await scriptedLogin(stuckAt(step));
      return login.failure({ signal: AbortSignal.timeout(limit) });
    });
    expect(failure).toMatchObject({ code: 'TIMEOUT', step });
  });

  test('ends when the caller cancels, and closes the socket', async () => {
    login = await scriptedLogin(stuckAt(step));
    const { connection, failure } = login.start();
    await expect.poll(() => connection.step).toBe(step);
    connection.close();
    expect(await failure).toMatchObject({ code: 'CANCELED', step });
    await expect.poll(() => login.server.connections).toBe(0);
  });
});

test("ends when the caller's signal is aborted, whatever the step", async () => {
  const controller = new AbortController();
  login = await scriptedLogin({ login: () => controller.abort() });
  const { signal } = controller;
  expect(await login.failure({ signal })).toMatchObject({ code: 'CANCELED', step: 'login' });
});

test('with a signal that is already aborted, no connection is made', async () => {
  login = await scriptedLogin({});
  expect(await login.failure({ signal: AbortSignal.abort() })).toMatchObject({ code: 'CANCELED' });
  expect(login.authenticator.begun).toBe(0);
});

test('aborting the signal after the login does not affect the connection', async () => {
  const controller = new AbortController();
  login = await scriptedLogin({ request: answerRequest });
  const connection = await login.connect({ signal: controller.signal });
  controller.abort();
  expect(connection.idle).toBe(true);
  connection.close();
});

test('200 simultaneous logins', async () => {
  login = await scriptedLogin({});
  const connections = await Promise.all(Array.from({ length: 200 }, () => login.connect()));
  expect(connections.every(({ idle }) => idle)).toBe(true);
  expect(login.server.logins).toHaveLength(200);
  for (const connection of connections) connection.close();
});

describe('if the authenticator does not answer a token and the server has hung up in the meantime, the login', () => {
  const deaf = () => {
    const authenticator = scriptedAuthenticator();
    const answered = Promise.withResolvers<void>();
    return {
      asked: answered.promise,
      authenticator: {
        ...authenticator,
        get begun() {
          return authenticator.begun;
        },
        get disposed() {
          return authenticator.disposed;
        },
        begin: (target: Parameters<typeof authenticator.begin>[0]) => ({
          ...authenticator.begin(target),
          complete: false,
          nextToken: () => {
            answered.resolve();
            return new Promise<undefined>(() => {});
          },
        }),
      },
    };
  };
  const hangUp = {
    login: ({ socket }: { socket: Socket }) => void socket.end(packet(sspi(proof), true)),
  };

  test('ends at the time limit of the connection', async () => {
    const failure = await endAt('login', async (connectTimeout) => {
      login = await scriptedLogin({ ...hangUp, authenticator: deaf().authenticator, connectTimeout });
      return login.failure();
    });
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST', step: 'login' });
  });

  test("ends at the caller's time limit", async () => {
    const failure = await endAt('login', async (limit) => {
      login = await scriptedLogin({ ...hangUp, authenticator: deaf().authenticator });
      return login.failure({ signal: AbortSignal.timeout(limit) });
    });
    expect(failure).toMatchObject({ code: 'TIMEOUT', step: 'login' });
  });

  test('ends when the caller closes the connection', async () => {
    const { authenticator, asked } = deaf();
    login = await scriptedLogin({ ...hangUp, authenticator });
    const { connection, failure } = login.start();
    await asked;
    connection.close();
    expect(await failure).toMatchObject({ code: 'CANCELED', step: 'login' });
  });
});
