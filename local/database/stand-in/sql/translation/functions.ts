import { sqlError, unsupported } from '../../sql-error.ts';
import * as types from '../data-types.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Scope } from './scope.ts';
import { coerce, exactDecimal, literal, type Typed, unify } from './typed.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const { bigint, datetime, datetime2, float, int, nvarchar, varbinary } = types;
const variant = nvarchar(4000);

/** Functions that the session answers, under their own names with `tsql_` before, by the type of their answer. */
const answered: readonly (readonly [types.DataType, string])[] = [
  [
    int,
    'DB_ID OBJECT_ID SCHEMA_ID SUSER_ID DATABASE_PRINCIPAL_ID IS_MEMBER IS_ROLEMEMBER IS_SRVROLEMEMBER SESSIONPROPERTY',
  ],
  [
    nvarchar(128),
    'DB_NAME SCHEMA_NAME SUSER_SNAME SUSER_NAME ORIGINAL_LOGIN USER_NAME HOST_NAME APP_NAME APPLOCK_MODE',
  ],
  [variant, 'SERVERPROPERTY CONNECTIONPROPERTY SESSION_CONTEXT QUOTENAME REPLICATE'],
  [varbinary(128), 'SUSER_SID CONTEXT_INFO'],
  [{ name: 'numeric', precision: 38, scale: 0 }, 'SCOPE_IDENTITY'],
  [{ name: 'smallint' }, 'XACT_STATE'],
  [types.uniqueidentifier, 'NEWID'],
  [float, 'RAND'],
  [datetime, 'GETDATE GETUTCDATE'],
  [datetime2, 'SYSDATETIME SYSUTCDATETIME'],
];
const answerTypes = new Map(
  answered.flatMap(([type, names]) => names.split(' ').map((name) => [name, type])),
);

const synonyms: Readonly<Record<string, string>> = {
  SYSTEM_USER: 'SUSER_SNAME',
  CURRENT_USER: 'USER_NAME',
  SESSION_USER: 'USER_NAME',
  USER: 'USER_NAME',
  CURRENT_TIMESTAMP: 'GETDATE',
};

/** Translates a function call; 40515 for a function that is not known here. */
export function translateCall(call: Call, scope: Scope, inner: (part: Expression) => Typed): Typed {
  const name = synonyms[call.name] ?? call.name;
  if (/^(COUNT|COUNT_BIG|SUM|AVG|MIN|MAX)$/.test(name)) {
    return translateAggregate(
      call,
      scope.inAggregate(() => call.arguments.map(inner)),
    );
  }
  const type = answerTypes.get(name);
  const [translate, least = 0, most = least] = scalars[name] ?? [];
  if (!type && !translate) throw unsupported(`The function ${name}`);
  const list = call.arguments.map(inner);
  if (type) return { sql: `tsql_${name.toLowerCase()}(${sqlOf(list)})`, type };
  if (list.length < least || list.length > most) throw sqlError(174, name.toLowerCase(), least);
  return translate?.(list) ?? literal(null, int);
}

function translateAggregate({ name, star, distinct }: Call, [first]: readonly Typed[]): Typed {
  const argument = star ? '*' : `${distinct ? 'DISTINCT ' : ''}${first?.sql}`;
  if (name.startsWith('COUNT')) return { sql: `count(${argument})`, type: name === 'COUNT' ? int : bigint };
  if (!first || star) throw unsupported(`${name} without a value`);
  if (name === 'MIN' || name === 'MAX')
    return { sql: `${name.toLowerCase()}(${argument})`, type: first.type };
  if (!types.isNumeric(first.type) || first.type.name === 'bit')
    throw sqlError(8117, first.type.name, name.toLowerCase());
  const sum = sumType(first.type);
  if (name === 'SUM') return { sql: exactDecimal(`sum(${argument})`, sum), type: sum };
  // The average of whole numbers is whole in T-SQL.
  if (types.isInteger(sum)) return { sql: `CAST(avg(${argument}) AS INTEGER)`, type: sum };
  const type = sum.scale === undefined ? sum : { ...sum, scale: Math.max(sum.scale, 6) };
  return { sql: exactDecimal(`avg(${argument})`, type), type };
}

function sumType(type: types.DataType): types.DataType {
  if (types.isInteger(type)) return type.name === 'bigint' ? bigint : int;
  if (type.name === 'decimal' || type.name === 'numeric') return { ...type, precision: 38 };
  return type.name === 'real' ? float : type;
}

const sqlOf = (list: readonly Typed[]) => list.map(({ sql }) => sql).join(', ');
const asText = (value: Typed): Typed => (types.isText(value.type) ? value : coerce(value, variant));

type Scalar = readonly [
  translate: (list: readonly Typed[]) => Typed | undefined,
  least: number,
  most?: number,
];

/** A function whose first argument, and so its result, is text. */
const ofText = (sql: string, least = 1): Scalar => [
  ([first, ...rest]) =>
    first && { sql: `${sql}(${sqlOf([asText(first), ...rest])})`, type: asText(first).type },
  least,
];
/** A function of texts alone. */
const ofTexts = (sql: string, type: types.DataType, least: number): Scalar => [
  (list) => ({ sql: `${sql}(${sqlOf(list.map(asText))})`, type }),
  least,
];
const ofNumber = (sql: string, least = 1): Scalar => [
  (list) => list[0] && { sql: `${sql}(${sqlOf(list)})`, type: list[0].type },
  least,
];
/** A function that gives one of its values, all but the first few. */
const choosing = (sql: string, skipped: number, most: number): Scalar => [
  (list) => {
    const { values, type } = unify(list.slice(skipped));
    return { sql: `${sql}(${sqlOf([...list.slice(0, skipped), ...values])})`, type };
  },
  skipped + 2,
  most,
];
const datePart = (start: number, length: number): Scalar => [
  ([date]) =>
    date && {
      sql: `CAST(substr(${coerce(date, datetime2).sql}, ${start}, ${length}) AS INTEGER)`,
      type: int,
    },
  1,
];
const isNull: Scalar = [
  ([first, second]) => {
    if (!first || !second) return undefined;
    const type = first.literal === null ? second.type : first.type;
    return { sql: `ifnull(${first.sql}, ${coerce(second, type).sql})`, type };
  },
  2,
];
const concat: Scalar = [
  (list) => ({
    sql: `(${list.map((part) => `ifnull(${asText(part).sql}, '')`).join(' || ')})`,
    type: variant,
  }),
  2,
  254,
];

const scalars: Readonly<Record<string, Scalar>> = {
  LEN: ofTexts('tsql_len', int, 1),
  UPPER: ofText('tsql_upper'),
  LOWER: ofText('tsql_lower'),
  LTRIM: ofText('ltrim'),
  RTRIM: ofText('rtrim'),
  TRIM: ofText('trim'),
  SUBSTRING: ofText('tsql_substring', 3),
  LEFT: ofText('tsql_left', 2),
  RIGHT: ofText('tsql_right', 2),
  REPLACE: ofTexts('tsql_replace', variant, 3),
  CHARINDEX: ofTexts('tsql_charindex', int, 2),
  CONCAT: concat,
  ISNULL: isNull,
  COALESCE: choosing('coalesce', 0, 254),
  NULLIF: choosing('nullif', 0, 2),
  IIF: choosing('iif', 1, 3),
  ABS: ofNumber('abs'),
  FLOOR: ofNumber('tsql_floor'),
  CEILING: ofNumber('tsql_ceiling'),
  ROUND: ofNumber('round', 2),
  YEAR: datePart(1, 4),
  MONTH: datePart(6, 2),
  DAY: datePart(9, 2),
};
