import { createPool, type Pool, query } from 'tedious-kerberos';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error, transaction } from '../../../local/testing/tds-server/tokens.ts';
import { databaseError } from '../src/music/sql-music-database.ts';
import { scriptedApp } from './web-app.ts';

/** What a statement makes this server send. */
interface Said {
  /** Error numbers, in the order in which they are sent. */
  readonly numbers: readonly number[];
  readonly severity?: number;
  readonly hangUp?: boolean;
}

let server: ScriptedServer;
let pool: Pool;
beforeAll(async () => {
  server = await startScriptedServer({
    login: accept,
    request(client, message) {
      const [json] = /\{.*\}/.exec(message.body.toString('latin1').replaceAll('\0', '')) ?? [];
      if (message.type === messageType.transactionManager) client.send([transaction(8), done()]);
      else if (!json) answerRequest(client, message);
      else {
        const { numbers, severity, hangUp } = JSON.parse(json) as Said;
        client.send([...numbers.map((number) => error(number, 1, 'Says the server.', severity)), done(2)]);
        if (hangUp) client.socket.end();
      }
    },
  });
  const options = { port: server.port, encrypt: false };
  pool = createPool({
    connection: { server: '127.0.0.1', authenticator: scriptedAuthenticator(), options },
  });
});
afterAll(async () => {
  await pool.drain({ timeoutMilliseconds: 0 });
  await server.stop();
});

type Way = (said: Said) => Promise<unknown>;
const statement: Way = (said) => pool.query(JSON.stringify(said));
const inTransaction: Way = (said) =>
  pool.withConnection(async (connection) => {
    await new Promise<void>((resolve, reject) =>
      connection.beginTransaction((failure) => (failure ? reject(failure) : resolve())),
    );
    await query(connection, JSON.stringify(said));
  });

/** What a visitor gets if the server sends these errors. */
async function answerTo(said: Said, way: Way = statement) {
  const failure = await way(said).catch((thrown: unknown) => thrown);
  const database = { randomAlbums: () => Promise.reject(databaseError(failure)) };
  const response = await scriptedApp({ database }).app.request('/api/albums');
  return [response.status, response.headers.get('retry-after')];
}

const again = [503, '5'];
const ours = [500, null];

const passing = [
  ...[
    539, 596, 601, 615, 617, 669, 701, 802, 844, 845, 846, 847, 904, 913, 921, 922, 923, 924, 926, 927, 941,
  ],
  ...[
    942, 945, 952, 954, 955, 956, 972, 976, 978, 979, 982, 983, 988, 1203, 1204, 1205, 1221, 1222, 1232, 2021,
  ],
  ...[2816, 3635, 3935, 3947, 3948, 3950, 3953, 3957, 3958, 3960, 3961, 3966, 3967, 4060, 4117, 4184, 4221],
  ...[6005, 6006, 8628, 8645, 8651, 9001, 9515, 9985, 10_922, 10_928, 10_929, 10_930, 10_936, 11_539],
  ...[17_065, 17_066, 17_067, 17_197, 17_889, 18_056, 18_401, 20_041, 22_335, 30_085, 40_143, 40_166, 40_189],
  ...[40_197, 40_501, 40_540, 40_613, 40_642, 40_648, 40_671, 40_675, 40_903, 41_301, 41_302, 41_305, 41_325],
  ...[41_339, 41_383, 41_823, 41_839, 41_840, 42_108, 42_109, 49_802, 49_918, 49_919, 49_920],
  // Network errors of a linked server.
  ...[64, 10_053, 10_054, 10_060, 11_001],
];
/** Errors of the statement, of rights and of space: these stay until somebody fixes the cause. */
const lasting = [
  ...[102, 109, 121, 137, 203, 207, 208, 229, 233, 245, 262, 297, 300, 512, 515, 547, 911, 916, 1105, 2601],
  ...[2627, 2628, 2812, 3609, 3902, 3930, 3980, 3998, 7202, 8114, 8115, 8134, 8152, 8623, 8632, 8657, 9002],
  ...[15_151, 40_532, 40_544, 50_000],
];

describe.each<[string, Way]>([
  ['a statement', statement],
  ['a statement in a transaction', inTransaction],
])('%s', (_, way) => {
  test.each(passing)('error %i passes', async (number) => {
    expect(await answerTo({ numbers: [number] }, way)).toEqual(again);
  });
  test.each(lasting)('error %i stays', async (number) => {
    expect(await answerTo({ numbers: [number] }, way)).toEqual(ours);
  });
});

test.each([64, 121, 233, 596, 823, 832, 3624, 10_054, 17_310, 18_056, 21_999])(
  'error %i, with which the server ends the connection, before the end is seen or after it',
  async (number) => {
    for (const hangUp of [false, true]) {
      expect(await answerTo({ numbers: [number], severity: 20, hangUp })).toEqual(again);
    }
  },
);

test.each<[readonly number[], unknown]>([
  [[1205, 3998], again],
  [[7319, 1205], again],
  [[8180, 983, 8179], again],
  [[208, 8180], ours],
  [[547, 3609], ours],
])('of the errors %j, one that is temporary is enough', async (numbers, expected) => {
  expect(await answerTo({ numbers })).toEqual(expected);
});
