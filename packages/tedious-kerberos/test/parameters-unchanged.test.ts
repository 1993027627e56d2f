import { expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { messageType } from '../../../local/testing/tds-server/conversation.ts';
import { answerRequest, startScriptedServer } from '../../../local/testing/tds-server/scripted-server.ts';
import { doneProc } from '../../../local/testing/tds-server/tokens.ts';
import { connect, type ParameterValue, query, TYPES } from '../src/index.ts';
import { exactType } from '../src/parameters/exact-types.ts';
import { recorded } from './recorded-query.ts';

const typed = (type: unknown, value: unknown, options = {}) =>
  ({ type, value, ...options }) as ParameterValue;
const hex = async (value: ParameterValue, options = {}) =>
  (await recorded(value, options)).bytes.toString('hex');
const table = (type: unknown, rows: unknown[][], options = {}) =>
  typed(TYPES.TVP, { schema: 'dbo', name: 'Prices', columns: [{ name: 'price', type, ...options }], rows });

test.each<[string, ParameterValue, string]>([
  ['east', typed(TYPES.DateTimeOffset, '2026-01-31T12:00:00+02:00'), '7800'],
  ['west', typed(TYPES.DateTimeOffset, '2026-01-31T12:00:00-05:30'), 'b6fe'],
  ['UTC', typed(TYPES.DateTimeOffset, '2026-01-31T12:00:00Z'), '0000'],
  ['the last', typed(TYPES.DateTimeOffset, '2026-01-31T12:00:00+14:00'), '4803'],
  ['rounded', typed(TYPES.DateTimeOffset, '2026-01-31T12:00:00.6+02:00', { scale: 0 }), '7800'],
  ['in a table', table(TYPES.DateTimeOffset, [['2026-01-31T12:00:00+02:00']]), '780000'],
])('a DateTimeOffset keeps the offset of its text: %s', async (_, value, offset) => {
  expect(await hex(value)).toMatch(new RegExp(`${offset}$`));
});

/** Like TZDate of date-fns: a Date with its own local time, here 5:30 hours ahead of UTC. */
class InIndia extends Date {
  override getTimezoneOffset(): number {
    return -330;
  }
  override getHours(): number {
    return (this.getUTCHours() + 5) % 24;
  }
  override getMinutes(): number {
    return (this.getUTCMinutes() + 30) % 60;
  }
}

test('a Date subclass with its own local time keeps it', async () => {
  const noon = new InIndia('2026-01-31T12:00:00.600Z');
  expect(await hex(typed(TYPES.DateTimeOffset, noon))).toMatch(/4a01$/);
  expect(await hex(typed(TYPES.DateTimeOffset, noon, { scale: 0 }))).toMatch(/4a01$/);
  // 17:30:00.6
  expect(await hex(typed(TYPES.Time, noon), { useUTC: false })).toMatch(/0580a948af92$/);
  // 17:30:01.
  expect(await hex(typed(TYPES.Time, noon, { scale: 0 }), { useUTC: false })).toMatch(/0319f600$/);
  // 31 January 2026, minute 1050, as rounded by SmallDateTime.
  const small = Buffer.alloc(4);
  small.writeUInt16LE(46_051);
  small.writeUInt16LE(17 * 60 + 30, 2);
  expect(await hex(typed(TYPES.SmallDateTime, noon), { useUTC: false })).toMatch(
    new RegExp(`${small.toString('hex')}$`),
  );
  const alaska = Object.assign(new Date(0), { getTimezoneOffset: () => -902 });
  await expect(hex(typed(TYPES.DateTimeOffset, alaska))).rejects.toThrow(/offset beyond those/);
});

test.each([Number.NaN, 'x'])('a Date whose ticks are %s has none', async (nanosecondDelta) => {
  const noon = Object.assign(new Date('2026-01-31T12:00:00Z'), { nanosecondDelta });
  expect(await hex(noon)).toBe(await hex(new Date(noon)));
});

/** DATETIME2N with scale 7 as sent by a server: 2026-01-31T23:59:59.1234567. */
const sent = Buffer.from('08870c0b1cc93e490b', 'hex');

test('a datetime2 read from a row keeps all of its digits when sent again', async () => {
  const column = Buffer.from('81010000000000080 02a07 0161 00'.replaceAll(' ', ''), 'hex');
  let asked: Buffer = Buffer.alloc(0);
  const server = await startScriptedServer({
    login: accept,
    request: (client, message) => {
      if (message.type !== messageType.rpc) return answerRequest(client, message);
      asked = message.body;
      client.send([column, Buffer.from([0xd1]), sent, doneProc()]);
    },
  });
  const connection = await connect({
    server: '127.0.0.1',
    authenticator: scriptedAuthenticator(),
    options: { port: server.port, encrypt: false },
  });
  try {
    const { rows } = await query<{ a: Date }>(connection, 'SELECT');
    await query(connection, 'SELECT @at', { at: rows[0]?.a as Date });
    expect(asked.toString('hex')).toContain(sent.toString('hex'));
  } finally {
    connection.close();
    await server.stop();
  }
});

test.each([
  [6, '23:59:59.9999999', /rounded beyond the day/],
  [7, '23:59:59.9999999', 'ffbf692ac9'],
  [4, '12:00:00.0000500', '01'],
])('a time of scale %i takes %s', async (scale, text, expected) => {
  const [whole, ticks] = [text.slice(0, -4), Number(text.slice(-4))];
  const date = Object.assign(new Date(`2026-01-31T${whole}Z`), { nanosecondsDelta: ticks / 1e7 });
  const answer = recorded(typed(TYPES.Time, date, { scale }));
  if (expected instanceof RegExp) await expect(answer).rejects.toThrow(expected);
  else expect((await answer).bytes.toString('hex')).toContain(expected);
});

test.each<[unknown, object, unknown, RegExp]>([
  [TYPES.Int, {}, undefined, /It is undefined: give null for NULL/],
  [TYPES.NVarChar, { length: 2 }, 'abc', /3 characters do not fit into NVarChar\(2\)/],
  [TYPES.Char, { length: 2 }, 'abc', /3 bytes do not fit into Char\(2\)/],
  [TYPES.VarBinary, { length: 2 }, Buffer.alloc(3), /3 bytes do not fit into VarBinary\(2\)/],
  [TYPES.Decimal, { precision: 99, scale: 1 }, 1, /precision must be a whole number from 1 to 38/],
  [TYPES.VarChar, { length: 5 }, '\ufffd', /server's code page: choose NVarChar/],
])('a cell is taken as a parameter is: %o with %o', async (type, size, value, sentence) => {
  await expect(recorded(table(type, [[value]], size))).rejects.toMatchObject({
    code: 'EPARAM',
    message: expect.stringMatching(sentence),
  });
});

test('a table takes null, and what fits', async () => {
  expect(await hex(table(TYPES.NVarChar, [['ab'], [null]], { length: 2 }))).toMatch(
    /010400610062000[01]ffff00$/,
  );
  expect(await hex(table(TYPES.NVarChar, [['abc']], { length: Number.POSITIVE_INFINITY }))).toContain(
    'e7ffff',
  );
});

test.each<[object, RegExp]>([
  [{ columns: [], rows: [] }, /"name" of its table type is undefined/],
  [{ name: 'T', columns: [null], rows: [] }, /Its type is undefined, but it must be one of TYPES/],
])('the table %j is rejected with an explanation', async (value, sentence) => {
  await expect(recorded(typed(TYPES.TVP, value))).rejects.toThrow(sentence);
});

test.each<[string, unknown]>([
  ['VarChar', TYPES.VarChar],
  ['Char', TYPES.Char],
  ['Text', TYPES.Text],
])('%s rejects U+FFFD, which stands for bytes without a meaning', async (_, type) => {
  await expect(recorded(typed(type, 'Kid \ufffd'))).rejects.toThrow(/server's code page/);
});

test('yen sign and overline are rejected for the Japanese code page only, where they would become backslash and tilde', () => {
  const bytes = (text: string, codepage: string) =>
    exactType(TYPES.VarChar).validate(text, { codepage } as never);
  for (const text of ['¥100', '‾']) expect(() => bytes(text, 'CP932')).toThrow('choose NVarChar');
  expect(bytes('\\100~日本', 'CP932')).toHaveLength(9);
  expect(bytes('¥100', 'CP1252')).toEqual(Buffer.from([0xa5, 0x31, 0x30, 0x30]));
  expect(bytes('¥‾\ufffd', 'utf-8')).toHaveLength(8);
});

test.each<[string, unknown, unknown, object]>([
  ['DateTime', TYPES.DateTime, new Date(0), { scale: 7 }],
  ['Money', TYPES.Money, 1.23456, { scale: 5 }],
  ['Text', TYPES.Text, 'abcdef', { length: 3 }],
  ['DateTime2', TYPES.DateTime2, new Date(0), { precision: 3 }],
  ['Int', TYPES.Int, 1, { options: { scale: 2 } }],
])('%s refuses a size that it does not have', async (name, type, value, size) => {
  await expect(recorded(typed(type, value, size))).rejects.toThrow(
    new RegExp(`${name} has no (scale|length|precision): leave it out`),
  );
});

test('an undefined size does not override another one', async () => {
  const value = typed(TYPES.NVarChar, 'abc', { length: 2, options: { length: undefined } });
  await expect(recorded(value)).rejects.toThrow('do not fit into NVarChar(2)');
});

test('a stream may yield any kind of bytes, but not more than its length', async () => {
  async function* bytes() {
    yield new Uint8Array([1, 2]);
    yield Buffer.from([3]);
  }
  expect(await hex(typed(TYPES.VarBinary, bytes()))).toMatch(/0200000001020100000003/);
  await expect(recorded(typed(TYPES.VarBinary, bytes(), { length: 2 }))).rejects.toMatchObject({
    code: 'EPARAM',
    message: expect.stringContaining('more than the 2 bytes of VarBinary(2)'),
  });
});

/** The range of SmallDateTime applies in UTC, whatever the time zone of this process. */
test.each([
  ['1899-12-31T23:30:00Z', false],
  ['1900-01-01T00:00:00Z', true],
  ['2079-06-06T23:30:00Z', true],
  ['2079-06-07T02:00:00Z', false],
])('SmallDateTime has %s in UTC: %s', (text, has) => {
  const { validate } = exactType(TYPES.SmallDateTime);
  const zone = process.env.TZ;
  try {
    for (const place of ['Europe/Berlin', 'America/New_York']) {
      process.env.TZ = place;
      const take = () => validate(new Date(text), undefined, { useUTC: true } as never);
      if (has) expect(take()).toEqual(new Date(text));
      else expect(take).toThrow('1900 to 2079');
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

/** Shortly before clock changes. At the end of summer time in Cairo, the day ends twice. */
test.each([
  ['Africa/Cairo', '2024-10-31T20:59:59.700Z', 120],
  ['Europe/Berlin', '2026-10-25T00:59:59.700Z', 60],
  ['Europe/Berlin', '2026-03-29T00:59:59.700Z', 120],
])('a time that is rounded across a clock change gets the new offset: %s, %s', async (place, text, ahead) => {
  const zone = process.env.TZ;
  try {
    process.env.TZ = place;
    const { validate } = exactType(TYPES.SmallDateTime);
    const minutes = validate(new Date(text), undefined, { useUTC: false } as never) as Date;
    expect(0 - minutes.getTimezoneOffset()).toBe(ahead);
    const offset = Buffer.alloc(2);
    offset.writeInt16LE(ahead);
    const rounded = await hex(typed(TYPES.DateTimeOffset, new Date(text), { scale: 0 }));
    expect(rounded).toMatch(new RegExp(`${offset.toString('hex')}$`));
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test.each(['America/St_Johns', 'Asia/Kolkata', 'Africa/Cairo', 'UTC'])(
  'midnight in %s is on the right day as a SmallDateTime',
  async (place) => {
    const zone = process.env.TZ;
    try {
      process.env.TZ = place;
      for (const midnight of [new Date(2026, 0, 31), new Date(2026, 6, 1), new Date(1900, 0, 1)]) {
        const [year, month, day] = [midnight.getFullYear(), midnight.getMonth(), midnight.getDate()];
        const days = (Date.UTC(year, month, day) - Date.UTC(1900, 0, 1)) / 86_400_000;
        const written = Buffer.alloc(5);
        written.writeUInt8(4);
        written.writeUInt16LE(days, 1);
        expect(await hex(typed(TYPES.SmallDateTime, midnight), { useUTC: false })).toMatch(
          new RegExp(`${written.toString('hex')}$`),
        );
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  },
);
