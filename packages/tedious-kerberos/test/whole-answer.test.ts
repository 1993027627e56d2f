import { afterEach, describe, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, doneProc, error, intColumns, intRow } from '../../../local/testing/tds-server/tokens.ts';
import { type Connection, connect, createPool, query, Request } from '../src/index.ts';

let server: ScriptedServer;
let connection: Connection | undefined;
afterEach(async () => {
  connection?.close();
  await server.stop();
});

const more = 1;
const failed = 2;
const attention = 0x20;
const givenUp = 0x100;
/** DONEINPROC, which something must follow. */
const doneInProc = (status: number) => Buffer.concat([Buffer.from([0xff]), done(status).subarray(1)]);
const rows = Buffer.concat([intColumns('a'), intRow(1)]);

async function answering(tokens: readonly Buffer[]) {
  server = await startScriptedServer({
    login: accept,
    request: (client, message) =>
      message.type === messageType.rpc ? client.send(tokens) : answerRequest(client, message),
  });
  return {
    server: '127.0.0.1',
    authenticator: scriptedAuthenticator(),
    options: { port: server.port, encrypt: false },
  };
}

async function answerOf(tokens: readonly Buffer[]) {
  connection = await connect(await answering(tokens));
  connection.on('error', () => {});
  return query(connection, 'SELECT');
}

const notWhole: Readonly<Record<string, readonly Buffer[]>> = {
  nothing: [],
  'columns alone': [intColumns('a')],
  'rows without an end': [rows],
  'an end that more follows': [rows, done(more)],
  'the same within a procedure': [rows, doneInProc(more)],
  'the end of a statement, where that of the procedure is missing': [rows, doneInProc(0)],
  'rows behind the end': [rows, done(), rows],
};

describe('an incomplete answer is not a result', () => {
  test.each(Object.entries(notWhole))('%s', async (_, tokens) => {
    await expect(answerOf(tokens)).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining('its answer is incomplete'),
    });
    expect(connection?.ended).toBe(true);
  });

  test.each([
    ['no rows', [done(attention)]],
    ['rows before it', [rows, done(attention)]],
    ['rows after it', [done(attention | more), rows, doneProc()]],
  ])('nor is the confirmation of a cancellation that was not requested: %s', async (_, tokens) => {
    await expect(answerOf(tokens)).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining('confirms a cancellation'),
    });
    expect(connection?.ended).toBe(true);
  });

  test('the same holds for a tedious Request', async () => {
    connection = await connect(await answering([rows]));
    const lost = new Promise((resolve) => connection?.once('error', resolve));
    const told = new Promise((resolve) => connection?.execSql(new Request('SELECT', resolve)));
    expect(await told).toMatchObject({ message: 'its answer is incomplete.' });
    await lost;
  });

  test('a pool continues with another connection', async () => {
    const tokens: Buffer[] = [rows];
    const pool = createPool({ connection: await answering(tokens), max: 1 });
    await expect(pool.query('SELECT')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    tokens.push(doneProc());
    expect(await pool.query('SELECT')).toMatchObject({ rows: [{ a: 1 }] });
    await pool.drain();
  });
});

test.each([
  ['a statement', [rows, done(givenUp)]],
  ['one within a procedure', [rows, doneInProc(givenUp | more), doneProc()]],
])('a result that the server has abandoned is an error: %s', async (_, tokens) => {
  await expect(answerOf(tokens)).rejects.toMatchObject({ code: 'UNKNOWN' });
  expect(connection?.idle).toBe(true);
});

test('the error that the server sends for it takes precedence', async () => {
  const said = error(605, 3, 'The page cannot be read.', 16);
  await expect(answerOf([rows, said, done(givenUp)])).rejects.toMatchObject({ number: 605 });
});

test.each([
  ['an error is an answer, however it ends', [error(1, 1, 'No.')], { number: 1 }],
  ['even if its end announces more', [rows, error(1, 1, 'No.'), done(failed | more)], { number: 1 }],
])('%s', async (_, tokens, told) => {
  await expect(answerOf(tokens)).rejects.toMatchObject(told);
});

test.each([
  ['one result', [rows, done()]],
  ['one of a procedure', [rows, doneInProc(more), doneProc()]],
])('%s is complete', async (_, tokens) => {
  expect((await answerOf(tokens)).rows).toEqual([{ a: 1 }]);
});
