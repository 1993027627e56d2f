import { describe, expect, test } from 'vitest';
import { type ParameterValue, TYPES } from '../src/index.ts';
import { recorded } from './recorded-query.ts';

const typed = (type: unknown, value: unknown, options = {}) =>
  ({ type, value, ...options }) as ParameterValue;
const hex = async (value: ParameterValue, options = {}) =>
  (await recorded(value, options)).bytes.toString('hex');

test.each([
  ['Text', TYPES.Text, 'abc', 3],
  ['NText', TYPES.NText, 'abc', 6],
  ['NText', TYPES.NText, 'ü😀', 6],
  ['NText', TYPES.NText, '', 0],
  ['Image', TYPES.Image, Buffer.from([1, 2, 3]), 3],
] as const)('%s declares as many octets as it has', async (_, type, value, octets) => {
  const { bytes } = await recorded(typed(type, value));
  expect([bytes[0], bytes.readInt32LE(1)]).toEqual([type.id, octets]);
  expect(bytes.readInt32LE(bytes.length - octets - 4)).toBe(octets);
});

describe('inferred types', () => {
  test.each<[ParameterValue, string]>([
    ['text', 'nvarchar(4000)'],
    ['', 'nvarchar(4000)'],
    ['x'.repeat(4001), 'nvarchar(max)'],
    [7, 'int'],
    [-2_147_483_648, 'bigint'],
    [5_000_000_000, 'bigint'],
    [2 ** 53, 'float'],
    [1.5, 'float'],
    [7n, 'bigint'],
    [true, 'bit'],
    [new Date(0), 'datetime2(7)'],
    [Buffer.from([1]), 'varbinary(8000)'],
    [new Uint8Array([1]), 'varbinary(8000)'],
    [Buffer.alloc(0), 'varbinary(8000)'],
    [Buffer.alloc(8001), 'varbinary(max)'],
    [null, 'nvarchar(4000)'],
  ])('%s is declared as %s', async (value, declaration) => {
    expect((await recorded(value)).declaration).toBe(declaration);
  });

  test('a view of a part of a buffer sends only those bytes', async () => {
    expect(await hex(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toMatch(/02000203$/);
  });

  test.each<[unknown, RegExp]>([
    [undefined, /There is no SQL type for undefined: give null/],
    [() => 1, /no SQL type for a function/],
    [Symbol('s'), /no SQL type for Symbol\(s\)/],
    [Number.NaN, /SQL Server has no Infinity or NaN/],
    [Number.POSITIVE_INFINITY, /SQL Server has no Infinity or NaN/],
    [2n ** 63n, /9223372036854775808n is beyond bigint: give \{ type: TYPES.Decimal/],
    [-(2n ** 63n) - 1n, /beyond bigint/],
    [new Date(Number.NaN), /an invalid Date is not a valid time/],
    [new Date(Date.UTC(10_000, 0)), /not in the years 1 to 9999/],
    [{ a: 1 }, /SQL type for an object \(Object\): choose one/],
    [[1], /SQL type for an object \(Array\)/],
    [Object.create(null), /an object \(without a class\)/],
    [{ type: TYPES.Int }, /choose one/],
    [{ type: TYPES.Int, value: undefined }, /Its value is undefined/],
    [{ type: 'Int', value: 1 }, /Its type is "Int", but it must be one of TYPES/],
    [{ type: TYPES.Int, value: 1, scael: 2 }, /has no "scael"/],
    [{ type: TYPES.Int, value: 1, options: { output: true } }, /has no "output"/],
    [{ type: TYPES.Xml, value: '<a/>' }, /Xml cannot be the type of a parameter/],
    [{ type: TYPES.Variant, value: 1 }, /Variant cannot be the type/],
    [{ type: TYPES.UDT, value: Buffer.alloc(1) }, /UDT cannot be the type/],
  ])('%s is rejected with an explanation', async (value, sentence) => {
    await expect(recorded(value as ParameterValue)).rejects.toMatchObject({
      code: 'EPARAM',
      message: expect.stringMatching(sentence),
    });
  });

  test('a type from another copy of tedious is recognised by its name', async () => {
    const other = { ...TYPES.Decimal };
    expect((await recorded(typed(other, '1.5'))).declaration).toBe('decimal(18, 1)');
  });
});

describe('decimals keep their digits', () => {
  test.each<[unknown, object, string, string]>([
    [19.99, {}, 'decimal(18, 2)', '1202 09 01 cf07000000000000'],
    [-0.5, {}, 'decimal(18, 1)', '1201 09 00 0500000000000000'],
    ['99.990', {}, 'decimal(18, 3)', '1203 09 01 9686010000000000'],
    ['12345678901234567890.5', {}, 'decimal(21, 1)', '1501 0d 01'],
    [19.99, { precision: 10, scale: 2 }, 'decimal(10, 2)', '0a02 09 01 cf07000000000000'],
    [19.99, { scale: 4 }, 'decimal(18, 4)', '1204 09 01 dc0c030000000000'],
    ['1.005', { precision: 5, scale: 2 }, 'decimal(5, 2)', '0502 05 01 65000000'],
    [7n, { options: { precision: 9, scale: 0 } }, 'decimal(9, 0)', '0900 05 01 07000000'],
    [null, {}, 'decimal(38, 19)', '2613 00'],
    [null, { precision: 10, scale: 2 }, 'decimal(10, 2)', '0a02 00'],
  ])('%s with %o', async (value, options, declaration, bytes) => {
    for (const type of [TYPES.Decimal, TYPES.Numeric]) {
      const { declaration: declared, bytes: sent } = await recorded(typed(type, value, options));
      expect(declared).toBe(type === TYPES.Decimal ? declaration : declaration.replace('decimal', 'numeric'));
      expect(sent.subarray(2).toString('hex')).toContain(bytes.replaceAll(' ', ''));
    }
  });

  test('all 38 digits', async () => {
    const digits = 12345678901234567890123456789012345678n;
    const { declaration, bytes } = await recorded(
      typed(TYPES.Decimal, '1234567890123456789012345678.9012345678'),
    );
    expect(declaration).toBe('decimal(38, 10)');
    expect(BigInt(`0x${Buffer.from(bytes.subarray(-16)).reverse().toString('hex')}`)).toBe(digits);
  });

  test.each<[unknown, object, RegExp]>([
    [1e-40, {}, /takes 40 digits, more than Decimal\(38, 40\) holds/],
    [1234.5, { precision: 3, scale: 1 }, /1234.5 takes 5 digits, more than Decimal\(3, 1\)/],
    ['12abc', {}, /"12abc" is not a number/],
    ['', {}, /"" is not a number/],
    [1, { precision: 39 }, /precision must be a whole number from 1 to 38, not 39/],
    [1, { precision: 5, scale: 6 }, /scale must be a whole number from 0 to 5/],
    [1, { scale: 1.5 }, /scale must be/],
  ])('%s with %o is refused', async (value, options, sentence) => {
    await expect(recorded(typed(TYPES.Decimal, value, options))).rejects.toMatchObject({
      code: 'EPARAM',
      message: expect.stringMatching(sentence),
    });
  });
});

describe('numbers of other types', () => {
  test.each<[string, unknown, unknown, string]>([
    ['Money', TYPES.Money, 19.99, '08 00000000 dc0c0300'],
    ['Money', TYPES.Money, -0.0001, '08 ffffffff ffffffff'],
    ['Money', TYPES.Money, '922337203685477.5807', '08 ffffff7f ffffffff'],
    ['SmallMoney', TYPES.SmallMoney, 19.99, '04 dc0c0300'],
    ['SmallMoney', TYPES.SmallMoney, '-214748.3648', '04 00000080'],
    ['Int', TYPES.Int, '42', '04 2a000000'],
    ['BigInt', TYPES.BigInt, '9223372036854775807', '08 ffffffffffffff7f'],
    ['Float', TYPES.Float, '1.5', '08 000000000000f83f'],
    ['Bit', TYPES.Bit, 0, '01 00'],
    ['Float, a whole number by its shortest name', TYPES.Float, '1e23', '08 f64ae1c7022db544'],
    ['Float, the nearest fraction', TYPES.Float, '0.1234567890123456789', '08 5ff64637dd9abf3f'],
    ['Float, zero', TYPES.Float, '0.000', '08 00000000 00000000'],
    ['Real, the nearest fraction', TYPES.Real, 19.99, '04 85eb9f41'],
    ['Real, a whole number that it holds', TYPES.Real, 16_777_216, '04 0000804b'],
    ['Real, a whole number of seven digits', TYPES.Real, 1e11, '04 b743ba51'],
  ])('%s', async (_, type, value, bytes) => {
    expect(await hex(typed(type, value))).toMatch(new RegExp(`${bytes.replaceAll(' ', '')}$`));
  });

  test.each<[string, unknown, unknown, RegExp]>([
    ['Int', TYPES.Int, 1.5, /1.5 is not a whole number: Int would drop its fraction/],
    ['Int', TYPES.Int, '', /"" is not a number/],
    ['Int', TYPES.Int, 3_000_000_000, /between -2147483648 and 2147483647/],
    ['TinyInt', TYPES.TinyInt, 256, /between 0 and 255/],
    ['SmallInt', TYPES.SmallInt, -32_769, /between -32768 and 32767/],
    ['BigInt', TYPES.BigInt, 2 ** 53, /beyond the integers that a number holds exactly: give a bigint/],
    ['BigInt', TYPES.BigInt, 2n ** 63n, /between/],
    ['Money', TYPES.Money, '922337203685477.5808', /beyond what Money holds/],
    ['SmallMoney', TYPES.SmallMoney, 214_748.3648, /beyond what SmallMoney holds/],
    ['Float', TYPES.Float, '12abc', /is not a number/],
    ['Float', TYPES.Float, 2n ** 60n + 1n, /more digits than Float holds/],
    ['Real', TYPES.Real, 1e300, /beyond what Real holds/],
    ['Float', TYPES.Float, '12345678901234567890', /would be changed by Float: choose Decimal/],
    ['Float', TYPES.Float, '9007199254740993', /would be changed by Float/],
    ['Float', TYPES.Float, '1e-400', /would be changed by Float/],
    ['Real', TYPES.Real, 16_777_217, /would be changed by Real/],
    ['Real', TYPES.Real, 1e-60, /would be changed by Real/],
    ['Bit', TYPES.Bit, 'false', /"false" is neither true nor false/],
  ])('%s refuses what it does not hold (%#)', async (_, type, value, sentence) => {
    await expect(recorded(typed(type, value))).rejects.toThrow(sentence);
  });
});

describe('text and bytes', () => {
  test.each<[string, unknown, unknown, object, string]>([
    ['NVarChar', TYPES.NVarChar, 'ab', { length: 10 }, 'nvarchar(10)'],
    ['NVarChar', TYPES.NVarChar, 'ab', { length: 5000 }, 'nvarchar(max)'],
    ['NVarChar of null', TYPES.NVarChar, null, {}, 'nvarchar(4000)'],
    ['VarChar', TYPES.VarChar, 'Ágætis?', {}, 'varchar(8000)'],
    ['VarChar', TYPES.VarChar, 'x'.repeat(8001), {}, 'varchar(max)'],
    ['Char', TYPES.Char, 'abc', {}, 'char(3)'],
    ['Char', TYPES.Char, 'abc', { length: 5 }, 'char(5)'],
    ['NChar', TYPES.NChar, '日本', {}, 'nchar(2)'],
    ['VarBinary of null', TYPES.VarBinary, null, {}, 'varbinary(8000)'],
    ['Binary', TYPES.Binary, Buffer.from([1, 2]), { length: 4 }, 'binary(4)'],
  ])('%s %#', async (_, type, value, options, declaration) => {
    expect((await recorded(typed(type, value, options))).declaration).toBe(declaration);
  });

  test.each<[string, unknown, unknown, object, RegExp]>([
    ['NVarChar', TYPES.NVarChar, 'abcdef', { length: 3 }, /6 characters do not fit into NVarChar\(3\)/],
    ['VarChar', TYPES.VarChar, 'abcdef', { options: { length: 3 } }, /6 bytes do not fit into VarChar\(3\)/],
    ['Char', TYPES.Char, 'x'.repeat(8001), {}, /do not fit into Char\(8000\)/],
    ['NChar', TYPES.NChar, 'x'.repeat(4001), {}, /do not fit into NChar\(4000\)/],
    ['Binary', TYPES.Binary, Buffer.alloc(5), { length: 4 }, /5 bytes do not fit into Binary\(4\)/],
    ['VarBinary', TYPES.VarBinary, Buffer.alloc(5), { length: 4 }, /do not fit/],
    ['VarBinary', TYPES.VarBinary, 'text', {}, /"text" is not binary data/],
    ['VarChar', TYPES.VarChar, 'Kid 日本', {}, /server's code page: choose NVarChar/],
    ['Text', TYPES.Text, '日本', {}, /choose NText/],
    ['Char', TYPES.Char, '?日', {}, /choose NChar/],
    ['NVarChar', TYPES.NVarChar, 7, {}, /7 is not a string/],
    ['NVarChar', TYPES.NVarChar, 'a', { length: 0 }, /length must be a whole number from 1/],
    ['NVarChar', TYPES.NVarChar, 'a', { length: 1.5 }, /length must be/],
  ])('%s is not cut or changed: refused (%#)', async (_, type, value, options, sentence) => {
    await expect(recorded(typed(type, value, options))).rejects.toThrow(sentence);
  });

  test('a stream is sent chunk by chunk', async () => {
    async function* chunks() {
      yield 'Kid ';
      yield 'A';
    }
    const { declaration, bytes } = await recorded(typed(TYPES.NVarChar, chunks()));
    expect(declaration).toBe('nvarchar(max)');
    expect(bytes.toString('ucs2', bytes.indexOf('K'))).toContain('Kid ');
  });

  test('a stream with characters that the code page lacks is rejected', async () => {
    async function* chunks() {
      yield 'Kid ';
      yield '日本';
    }
    await expect(recorded(typed(TYPES.VarChar, chunks()))).rejects.toMatchObject({
      code: 'EPARAM',
      message: expect.stringContaining('choose NVarChar'),
    });
  });
});

describe('dates and times', () => {
  const moment = new Date('2026-01-31T23:59:59.700Z');
  const lastMoment = new Date('9999-12-31T23:59:59.999Z');
  test.each<[string, unknown, unknown, object, string]>([
    ['DateTime2', TYPES.DateTime2, moment, {}, 'datetime2(7)'],
    ['DateTime2', TYPES.DateTime2, moment, { scale: 3 }, 'datetime2(3)'],
    ['DateTime2 of null', TYPES.DateTime2, null, {}, 'datetime2(7)'],
    ['Time', TYPES.Time, null, {}, 'time(7)'],
    ['DateTimeOffset', TYPES.DateTimeOffset, '2026-01-31T12:00:00.123+02:00', {}, 'datetimeoffset(7)'],
  ])('%s %#', async (_, type, value, options, declaration) => {
    expect((await recorded(typed(type, value, options))).declaration).toBe(declaration);
  });

  test('rounding can move the last moment of a day to the next day', async () => {
    const rounded = await hex(typed(TYPES.DateTime2, moment, { scale: 0 }));
    expect(rounded).toBe(await hex(typed(TYPES.DateTime2, new Date('2026-02-01T00:00:00Z'), { scale: 0 })));
  });

  test('SmallDateTime rounds to the minute, as SQL Server does', async () => {
    const at = (time: string) => hex(typed(TYPES.SmallDateTime, new Date(`2026-01-31T${time}Z`)));
    expect(await at('12:00:29.998')).toBe(await at('12:00:00'));
    expect(await at('12:00:29.999')).toBe(await at('12:01:00'));
  });

  test('the last possible moment, if its type has the digits for it', async () => {
    for (const type of [TYPES.DateTime2, TYPES.DateTimeOffset]) {
      expect(await hex(typed(type, lastMoment, { scale: 3 }))).toContain('ff5b2605dab937');
    }
    const before = new Date('9999-12-31T23:59:59.998Z');
    expect(await hex(typed(TYPES.DateTime, before))).toMatch(/7f242d00ff818b01$/);
  });

  test.each<[string, unknown, unknown, object, RegExp]>([
    ['DateTime2', TYPES.DateTime2, '2026-01-31T00:00:00.1234567Z', {}, /is not a time such as/],
    ['DateTime2', TYPES.DateTime2, '2026-01-31 12:00', {}, /is not a time such as/],
    ['DateTime', TYPES.DateTime, new Date('1752-12-31T00:00:00Z'), {}, /not in the years 1753 to 9999/],
    ['Date', TYPES.Date, new Date(Number.NaN), {}, /not a valid time/],
    ['Time', TYPES.Time, 5, {}, /5 is not a Date/],
    ['Time', TYPES.Time, moment, { scale: 0 }, /rounded beyond the day: give it a greater scale/],
    ['DateTime2', TYPES.DateTime2, lastMoment, { scale: 2 }, /rounded beyond the year 9999/],
    ['DateTimeOffset', TYPES.DateTimeOffset, lastMoment, { scale: 0 }, /rounded beyond the year 9999/],
    ['DateTime', TYPES.DateTime, lastMoment, {}, /rounded beyond the year 9999: choose DateTime2/],
    ['SmallDateTime', TYPES.SmallDateTime, '2079-06-06T23:59:40Z', {}, /1900 to 2079/],
    ['SmallDateTime', TYPES.SmallDateTime, '1899-12-31T12:00Z', {}, /1900 to 2079/],
    ['Time', TYPES.Time, moment, { scale: 8 }, /scale must be a whole number from 0 to 7/],
  ])('%s: refused (%#)', async (_, type, value, options, sentence) => {
    await expect(recorded(typed(type, value, options))).rejects.toThrow(sentence);
  });
});

describe('a table', () => {
  const table = (type: unknown, rows: unknown[][], options = {}) =>
    typed(TYPES.TVP, { schema: 'dbo', name: 'Prices', columns: [{ name: 'price', type, ...options }], rows });

  test('has exact decimals', async () => {
    const sent = await hex(table(TYPES.Decimal, [['0.1234567890123456789']], { precision: 38, scale: 19 }));
    expect(sent).toContain('1581e97df4102211');
  });

  test('rounds a time as a parameter does', async () => {
    const last = new Date('2026-01-31T23:59:59.999Z');
    const sent = await hex(table(TYPES.DateTime2, [[last]], { scale: 0 }));
    expect(sent).toBe(await hex(table(TYPES.DateTime2, [[new Date('2026-02-01T00:00:00Z')]], { scale: 0 })));
  });

  test.each<[unknown, object, unknown, RegExp]>([
    [TYPES.Time, { scale: 0 }, new Date('2026-01-31T23:59:59.999Z'), /rounded beyond the day/],
    [TYPES.Float, {}, '9007199254740993', /would be changed by Float/],
    [TYPES.Decimal, {}, 1.5, /column "price" is a Decimal: give its precision and scale/],
    [TYPES.Char, {}, 'a', /column "price" is a Char: give its length/],
    [TYPES.Int, {}, 1.5, /not a whole number/],
  ])('refuses what would be lost (%#)', async (type, options, value, sentence) => {
    await expect(recorded(table(type, [[value]], options))).rejects.toMatchObject({
      code: 'EPARAM',
      message: expect.stringMatching(sentence),
    });
  });

  test('cannot be null', async () => {
    await expect(recorded(typed(TYPES.TVP, null))).rejects.toThrow('A table cannot be null');
  });
});

test.each(['@a', 'a b', 'a int; DROP TABLE Album; --', '', 'x'.repeat(128)])(
  'the name %j is rejected, because it would become part of the statement',
  async (name) => {
    await expect(recorded(1, {}, name)).rejects.toMatchObject({ code: 'EPARAM' });
  },
);

describe('ambiguous values are rejected', () => {
  test.each<[unknown, unknown, RegExp]>([
    // JavaScript would turn a day that does not exist into another day.
    [TYPES.Date, '2026-02-30T00:00:00Z', /not a valid time: there is no such day/],
    [TYPES.DateTime2, '2027-02-29T12:00:00Z', /there is no such day/],
    [TYPES.DateTimeOffset, '2026-04-31T00:00:00+02:00', /there is no such day/],
    [TYPES.SmallDateTime, '2026-00-10T00:00:00Z', /there is no such day/],
    [TYPES.DateTime, '1900-02-29T00:00:00Z', /there is no such day/],
    [TYPES.UniqueIdentifier, 'xyz', /"xyz" is not a UUID such as/],
    [TYPES.UniqueIdentifier, '{01234567-89ab-cdef-0123-456789abcdef}', /is not a UUID/],
    [TYPES.UniqueIdentifier, Buffer.alloc(16), /an object \(Buffer\) is not a string/],
    [TYPES.TVP, {}, /is not a table: give \{ columns: /],
    [TYPES.TVP, 'rows', /"rows" is not a table/],
    [TYPES.TVP, { columns: [] }, /is not a table/],
  ])('%o: %s', async (type, value, sentence) => {
    await expect(recorded(typed(type, value))).rejects.toMatchObject({
      code: 'EPARAM',
      message: expect.stringMatching(sentence),
    });
  });

  test.each([
    [TYPES.Date, '2028-02-29T00:00:00Z'],
    [TYPES.Date, '2000-02-29T23:00:00-02:00'],
    [TYPES.Date, '0001-01-01T00:00:00Z'],
    [TYPES.DateTime2, '0099-12-31T00:00:00Z'],
    [TYPES.DateTime2, '9999-12-31T23:59:59.999Z'],
    [TYPES.UniqueIdentifier, '01234567-89AB-cdef-0123-456789abcdef'],
  ])('%o takes %s', async (type, value) => {
    await expect(recorded(typed(type, value))).resolves.toBeDefined();
  });
});
