import { afterEach, describe, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, doneProc, error, intColumns, intRow } from '../../../local/testing/tds-server/tokens.ts';
import { Connection, type ConnectionConfig, connect, createPool, query } from '../src/index.ts';
import * as tediousWithKerberos from '../src/tedious.ts';

let server: ScriptedServer;
let connection: Connection;
afterEach(async () => {
  connection?.close();
  await server?.stop();
});

/** Connects to a server that answers each statement with these tokens. */
async function answering(
  tokens: readonly Buffer[],
  options: ConnectionConfig['options'] = {},
): Promise<void> {
  server = await startScriptedServer({
    login: accept,
    request: (client, message) =>
      message.type === messageType.rpc ? client.send(tokens) : answerRequest(client, message),
  });
  connection = await connect({
    server: '127.0.0.1',
    authenticator: scriptedAuthenticator(),
    options: { port: server.port, encrypt: false, ...options },
  });
}

describe('rows', () => {
  test('of several results, each with its own columns', async () => {
    await answering([intColumns('a'), intRow(1), done(1), intColumns('b', ''), intRow(2, 3), doneProc()]);
    expect((await query(connection, 'SELECT')).rows).toEqual([{ a: 1 }, { b: 2, '': 3 }]);
  });

  test('followed by the plan that SET STATISTICS XML adds', async () => {
    const plan = 'Microsoft SQL Server 2005 XML Showplan';
    await answering([intColumns('a'), intRow(1), done(1), intColumns(plan), intRow(2), doneProc()]);
    expect((await query(connection, 'SELECT')).rows).toEqual([{ a: 1 }, { [plan]: 2 }]);
  });

  test('with a column named like a prototype property', async () => {
    await answering([intColumns('__proto__', 'constructor'), intRow(1, 2), doneProc()]);
    const [row] = (await query(connection, 'SELECT')).rows;
    expect(Object.entries(row ?? {})).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  test.each([
    ['of one name', ['Id', 'Title', 'Id'], 'named "Id"'],
    ['without a name', ['', ''], 'have no name'],
  ])('with two columns %s are refused, and the connection goes on', async (_, names, sentence) => {
    await answering([intColumns(...names), intRow(...names.map((__, index) => index)), doneProc()]);
    await expect(query(connection, 'SELECT')).rejects.toMatchObject({
      code: 'ECOLUMNS',
      message: expect.stringContaining(sentence),
    });
    expect(connection.idle).toBe(true);
  });
});

describe('options of tedious that change what is read', () => {
  test('useColumnNames is rejected when the connection or the pool is made', async () => {
    const config = { server: 'localhost', options: { useColumnNames: true } };
    await expect(connect(config)).rejects.toThrow('"useColumnNames" is not supported');
    expect(() => createPool({ connection: config })).toThrow('"useColumnNames" is not supported');
  });

  test.each<[string, ConnectionConfig['options'], object]>([
    ['rowCollectionOnDone', { rowCollectionOnDone: true }, { AlbumId: 1 }],
    ['rowCollectionOnRequestCompletion', { rowCollectionOnRequestCompletion: true }, { AlbumId: 1 }],
    ['camelCaseColumns', { camelCaseColumns: true }, { albumId: 1 }],
    ['columnNameReplacer', { columnNameReplacer: (name) => name.toUpperCase() }, { ALBUMID: 1 }],
  ])('%s', async (_, options, row) => {
    await answering([intColumns('AlbumId'), intRow(1), doneProc()], options);
    expect((await query(connection, 'SELECT')).rows).toEqual([row]);
  });

  test('columns that get the same name from columnNameReplacer are rejected', async () => {
    await answering([intColumns('a', 'b'), intRow(1, 2), doneProc()], { columnNameReplacer: () => 'same' });
    await expect(query(connection, 'SELECT')).rejects.toMatchObject({ code: 'ECOLUMNS' });
  });

  test('an error in columnNameReplacer is reported as such', async () => {
    const fault = new TypeError('oops');
    await answering([intColumns('a'), intRow(1), doneProc()], {
      columnNameReplacer: () => {
        throw fault;
      },
    });
    await expect(query(connection, 'SELECT')).rejects.toMatchObject({
      code: 'EOPTION',
      message: expect.stringMatching(/"columnNameReplacer" .*oops/),
    });
    expect(connection.idle).toBe(true);
  });

  test.each([
    ['connectTimeout', 0],
    ['connectTimeout', 2 ** 31],
    ['requestTimeout', -1],
    ['requestTimeout', Number.NaN],
    ['cancelTimeout', 2 ** 31],
    ['cancelTimeout', 0],
    ['cancelTimeout', Number.POSITIVE_INFINITY],
    ['cancelTimeout', Number.NaN],
  ])('the time limit %s = %d is refused', (name, value) => {
    const options = { [name]: value };
    expect(() => createPool({ connection: { server: 'localhost', options } })).toThrow(
      new RegExp(`"${name}" must be a number of milliseconds`),
    );
  });
});

test.each<[object, RegExp]>([
  [{ server: 'db', port: 1433 }, /The connection does not take "port".* go into "options"/],
  [{ server: 'db', database: 'Music', user: 'sa' }, /does not take "database", "user"/],
  [{ server: 'db', tls: { cert: 'x' } }, /The "tls" of a connection does not take "cert", only name, ca/],
  [{ server: '' }, /not ""; for this machine, give "localhost"/],
  [{ server: '.' }, /for this machine, give "localhost"/],
  [{ server: '(local)' }, /for this machine, give "localhost"/],
  [{ server: '[::1]' }, /leave out spaces and brackets/],
  [{ server: ' db' }, /leave out spaces and brackets/],
  [{ server: 'db..' }, /not "db.."; it has two dots in a row/],
  [{ server: 'db..corp' }, /two dots in a row/],
  [{ server: '.db' }, /begins with a dot/],
])('the connection %j is refused', (config, sentence) => {
  expect(() => new Connection(config as ConnectionConfig)).toThrow(sentence);
});

test.each<[object, RegExp]>([
  [{ acquireTimeoutMillis: 5 }, /The pool does not take "acquireTimeoutMillis", only connection, min/],
  [{ resetAfterUse: 'no' }, /"resetAfterUse" must be true or false, not "no"/],
  [{ waitForNextTicket: 0 }, /"waitForNextTicket" must be true or false, not 0/],
])('the pool with %j is refused', (settings, sentence) => {
  expect(() => createPool({ connection: { server: 'db' }, ...settings })).toThrow(sentence);
});

test.each<[unknown, unknown, object, RegExp]>([
  [undefined, {}, {}, /A statement must be a string, not undefined/],
  [null, {}, {}, /A statement must be a string, not null/],
  [{ text: 'SELECT 1' }, {}, {}, /A statement must be a string, not an object/],
  ['SELECT @a', [1], {}, /Parameters must be an object, \{ name: value \}, not an object \(Array\)/],
  ['SELECT @a', new Map([['a', 1]]), {}, /Parameters must be an object/],
  ['SELECT @a', 'a', {}, /Parameters must be an object/],
  ['SELECT @a', null, {}, /Parameters must be an object/],
  ['SELECT 1', {}, { timeout: 5 }, /A query does not take "timeout", only signal, timeoutMilliseconds/],
])('the query %j with %j and %j is refused, and nothing sent', async (sql, parameters, options, sentence) => {
  await answering([done()]);
  const asked = query(connection, sql as string, parameters as never, options);
  await expect(asked).rejects.toThrow(sentence);
  await expect(asked).rejects.toBeInstanceOf(TypeError);
  expect(connection.idle).toBe(true);
});

test.each([null, undefined, 5, {}])('%j is rejected as a connection', async (foreign) => {
  const asked = query(foreign as never, 'SELECT 1');
  await expect(asked).rejects.toThrow(/must come from tedious-kerberos: from connect\(\) or a pool/);
  await expect(asked).rejects.toBeInstanceOf(TypeError);
});

test.each([
  ['packetSize', 8],
  ['packetSize', 511],
  ['packetSize', 32_768],
  ['packetSize', 4096.5],
  ['connectionRetryInterval', 2 ** 31],
  ['connectionRetryInterval', Number.POSITIVE_INFINITY],
  ['connectionRetryInterval', Number.NaN],
  ['maxRetriesOnTransientErrors', Number.NaN],
  ['maxRetriesOnTransientErrors', 1.5],
])('the option %s = %d is refused', (name, value) => {
  const options = { [name]: value };
  expect(() => createPool({ connection: { server: 'localhost', options } })).toThrow(
    new RegExp(`"${name}" must be a whole number from`),
  );
});

test.each([
  ['packetSize', 512],
  ['packetSize', 32_767],
  ['connectionRetryInterval', 2 ** 31 - 1],
  ['maxRetriesOnTransientErrors', 0],
  ['maxRetriesOnTransientErrors', Number.POSITIVE_INFINITY],
])('the option %s = %d is taken as it is', (name, value) => {
  const made = new Connection({ server: 'localhost', options: { [name]: value } });
  expect(made.config.options).toMatchObject({ [name]: value });
});

test.each([
  ['requestTimeOut', 'tedious has no option "requestTimeOut"; it is called "requestTimeout".'],
  ['requestTimeoutMilliseconds', 'tedious has no option "requestTimeoutMilliseconds": see https://'],
  ['toString', 'tedious has no option "toString": see https://'],
])('the unknown option %s is rejected', (name, sentence) => {
  const options = { [name]: 5 };
  const refused = expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(sentence) });
  expect(() => createPool({ connection: { server: 'localhost', options } })).toThrow(refused);
  expect(() => new Connection({ server: 'localhost', options })).toThrow(refused);
  // A library's subclass may have options of its own.
  const { Connection: OfLibraries } = tediousWithKerberos;
  expect(
    new OfLibraries({ server: 'localhost', options, authentication: { type: 'kerberos' } }),
  ).toBeDefined();
});

test('every option of tedious is known, and undefined options are ignored', () => {
  const { options } = new Connection({ server: 'localhost' }).config;
  const given = Object.keys(options).map((name) => [name, undefined]);
  expect(given.length).toBeGreaterThan(40);
  const more = {
    requestTimeout: 5,
    port: 1433,
    columnNameReplacer: (name: string) => name,
    misspelt: undefined,
  };
  expect(
    () => new Connection({ server: 'localhost', options: { ...Object.fromEntries(given), ...more } }),
  ).not.toThrow();
});

test.each([
  ['tdsVersion', '9_9', '"7_1", '],
  ['tdsVersion', '7.4', '"7_1", '],
  ['tdsVersion', '', '"7_1", '],
  ['dateFormat', 'zzz', '"mdy", '],
  ['dateFormat', 'yyyy-mm-dd', '"mdy", '],
  ['dateFormat', 'mdy; SELECT 1', '"mdy", '],
])('the option %s = %j is refused, with what it may be', (name, value, first) => {
  const options = { [name]: value };
  expect(() => createPool({ connection: { server: 'localhost', options } })).toThrow(
    `The option "${name}" must be ${first}`,
  );
});

test.each([
  ['tdsVersion', '7_3_A'],
  ['tdsVersion', '8_0'],
  ['dateFormat', 'dmy'],
  ['dateFormat', 'YMD'],
  ['dateFormat', null],
])('the option %s = %j is taken as it is', (name, value) => {
  const made = new Connection({ server: 'localhost', options: { [name]: value } });
  expect(made.config.options).toMatchObject({ [name]: value });
});

describe('errors of the server', () => {
  test('several become one, with the number of the first', async () => {
    await answering([error(547, 1, 'The key is missing.'), error(3621, 1, 'Terminated.'), done(2)]);
    await expect(query(connection, 'INSERT')).rejects.toMatchObject({
      code: 'EREQUEST',
      number: 547,
      message: 'The key is missing. Terminated.',
    });
  });

  test('a failure that the server does not explain has its own code', async () => {
    await answering([done(2)]);
    await expect(query(connection, 'INSERT')).rejects.toMatchObject({ code: 'UNKNOWN' });
  });

  test('257 with an untyped null says what to do', async () => {
    const implicit = 'Implicit conversion from data type nvarchar to varbinary(max) is not allowed.';
    await answering([error(257, 3, implicit), done(2)]);
    await expect(query(connection, 'INSERT', { cover: null, id: 1 })).rejects.toMatchObject({
      number: 257,
      message: expect.stringMatching(/\("cover"\) is sent as nvarchar: give \{ type: TYPES.VarBinary/),
    });
    await expect(query(connection, 'INSERT', { id: 1 })).rejects.toMatchObject({ message: implicit });
  });
});
