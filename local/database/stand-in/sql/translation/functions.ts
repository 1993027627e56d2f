import { SqlError, unsupported } from '../../sql-error.ts';
import {
  bigint,
  type DataType,
  datetime,
  datetime2,
  float,
  int,
  isInteger,
  isText,
  nvarchar,
  uniqueidentifier,
  varbinary,
} from '../data-types.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Scope } from './scope.ts';
import { coerce, exactDecimal, isNumeric, type Typed, unify } from './typed.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const name128 = nvarchar(128);
const variant = nvarchar(4000);
const number38: DataType = { name: 'numeric', precision: 38, scale: 0 };

/** Functions that the session answers, under their own names with `tsql_` before; with their types. */
const sessionFunctions: Readonly<Record<string, DataType>> = {
  DB_NAME: name128,
  DB_ID: int,
  OBJECT_ID: int,
  SCHEMA_ID: int,
  SCHEMA_NAME: name128,
  SUSER_SNAME: name128,
  SUSER_NAME: name128,
  SUSER_ID: int,
  SUSER_SID: varbinary(85),
  ORIGINAL_LOGIN: name128,
  USER_NAME: name128,
  DATABASE_PRINCIPAL_ID: int,
  IS_MEMBER: int,
  IS_ROLEMEMBER: int,
  IS_SRVROLEMEMBER: int,
  SERVERPROPERTY: variant,
  CONNECTIONPROPERTY: variant,
  SESSIONPROPERTY: int,
  SESSION_CONTEXT: variant,
  CONTEXT_INFO: varbinary(128),
  SCOPE_IDENTITY: number38,
  XACT_STATE: { name: 'smallint' },
  APPLOCK_MODE: nvarchar(32),
  HOST_NAME: name128,
  APP_NAME: name128,
  NEWID: uniqueidentifier,
  RAND: float,
  GETDATE: datetime,
  GETUTCDATE: datetime,
  SYSDATETIME: datetime2,
  SYSUTCDATETIME: datetime2,
  SYSDATETIMEOFFSET: { name: 'datetimeoffset', scale: 7 },
  QUOTENAME: nvarchar(258),
  REPLICATE: nvarchar(4000),
};

const synonyms: Readonly<Record<string, string>> = {
  SYSTEM_USER: 'SUSER_SNAME',
  CURRENT_USER: 'USER_NAME',
  SESSION_USER: 'USER_NAME',
  USER: 'USER_NAME',
  CURRENT_TIMESTAMP: 'GETDATE',
  COUNT_BIG: 'COUNT',
};

/** Translates a function call; 40515 for a function that is not known here. */
export function translateCall(call: Call, scope: Scope, inner: (part: Expression) => Typed): Typed {
  const name = synonyms[call.name] ?? call.name;
  if (/^(COUNT|SUM|AVG|MIN|MAX)$/.test(name)) {
    const list = scope.inAggregate(() => call.arguments.map(inner));
    return translateAggregate(name, call, list);
  }
  const type = sessionFunctions[name];
  const scalar = scalars[call.name];
  if (!type && !scalar) throw unsupported(`The function ${call.name}`);
  const list = call.arguments.map(inner);
  if (type) return { sql: `tsql_${name.toLowerCase()}(${list.map(({ sql }) => sql).join(', ')})`, type };
  const [least = 0, most = least] = scalar?.takes ?? [];
  if (list.length < least || list.length > most) {
    const message = `The ${call.name.toLowerCase()} function requires ${least} argument(s).`;
    throw new SqlError({ number: 174, severity: 15, message });
  }
  return scalar?.translate(list) ?? list[0] ?? { sql: 'NULL', type: int };
}

function translateAggregate(
  name: string,
  { star, distinct, ...call }: Call,
  [first]: readonly Typed[],
): Typed {
  const argument = star ? '*' : `${distinct ? 'DISTINCT ' : ''}${first?.sql}`;
  if (name === 'COUNT') return { sql: `count(${argument})`, type: call.name === 'COUNT_BIG' ? bigint : int };
  if (!first || star) throw unsupported(`${name} without a value`);
  if (name === 'MIN' || name === 'MAX')
    return { sql: `${name.toLowerCase()}(${argument})`, type: first.type };
  if (!isNumeric(first.type) || first.type.name === 'bit') {
    const message = `Operand data type ${first.type.name} is invalid for ${name.toLowerCase()} operator.`;
    throw new SqlError({ number: 8117, message });
  }
  const sum = sumType(first.type);
  if (name === 'SUM') return { sql: exactDecimal(`sum(${argument})`, sum), type: sum };
  const sql = `avg(${argument})`;
  // The average of whole numbers is whole in T-SQL.
  if (isInteger(sum)) return { sql: `CAST(${sql} AS INTEGER)`, type: sum };
  const type = sum.scale === undefined ? sum : { ...sum, scale: Math.max(sum.scale, 6) };
  return { sql: exactDecimal(sql, type), type };
}

function sumType(type: DataType): DataType {
  if (isInteger(type)) return type.name === 'bigint' ? bigint : int;
  if (type.name === 'decimal' || type.name === 'numeric') return { ...type, precision: 38 };
  return type.name === 'real' ? float : type;
}

interface Scalar {
  readonly takes: readonly [least: number, most?: number];
  readonly translate: (list: readonly Typed[]) => Typed;
}

const text = (value: Typed | undefined): Typed => {
  if (!value) return { sql: 'NULL', type: variant };
  return isText(value.type) ? value : coerce(value, variant);
};
const sqlOf = (list: readonly Typed[]) => list.map(({ sql }) => sql).join(', ');

/** A function of one text that gives text. */
const ofText = (sql: string): Scalar => ({
  takes: [1],
  translate: ([value]) => ({ sql: `${sql}(${text(value).sql})`, type: text(value).type }),
});
const ofNumber = (sql: string, takes: Scalar['takes'] = [1]): Scalar => ({
  takes,
  translate: (list) => ({ sql: `${sql}(${sqlOf(list)})`, type: list[0]?.type ?? float }),
});
const datePart = (start: number, length: number): Scalar => ({
  takes: [1],
  translate: ([value]) => ({
    sql: `CAST(substr(${value ? coerce(value, datetime2).sql : 'NULL'}, ${start}, ${length}) AS INTEGER)`,
    type: int,
  }),
});
const unified = (sql: string, most: number, shown: (list: readonly Typed[]) => readonly Typed[]): Scalar => ({
  takes: [2, most],
  translate: (list) => {
    const { values, type } = unify(shown(list));
    return { sql: `${sql}(${sqlOf([...list.slice(0, list.length - values.length), ...values])})`, type };
  },
});

const scalars: Readonly<Record<string, Scalar>> = {
  LEN: { takes: [1], translate: ([value]) => ({ sql: `length(rtrim(${text(value).sql}))`, type: int }) },
  UPPER: ofText('tsql_upper'),
  LOWER: ofText('tsql_lower'),
  LTRIM: ofText('ltrim'),
  RTRIM: ofText('rtrim'),
  TRIM: ofText('trim'),
  SUBSTRING: {
    takes: [3],
    translate: ([value, ...rest]) => ({
      sql: `tsql_substring(${text(value).sql}, ${sqlOf(rest)})`,
      type: text(value).type,
    }),
  },
  LEFT: {
    takes: [2],
    translate: ([value, count]) => ({
      sql: `tsql_substring(${text(value).sql}, 1, ${count?.sql})`,
      type: text(value).type,
    }),
  },
  RIGHT: {
    takes: [2],
    translate: ([value, count]) => ({
      sql: `tsql_right(${text(value).sql}, ${count?.sql})`,
      type: text(value).type,
    }),
  },
  REPLACE: {
    takes: [3],
    translate: (list) => ({ sql: `tsql_replace(${sqlOf(list.map(text))})`, type: variant }),
  },
  CHARINDEX: {
    takes: [2],
    translate: (list) => ({ sql: `tsql_charindex(${sqlOf(list.map(text))})`, type: int }),
  },
  CONCAT: {
    takes: [2, 254],
    translate: (list) => ({
      sql: `(${list.map((part) => `ifnull(${text(part).sql}, '')`).join(' || ')})`,
      type: variant,
    }),
  },
  ISNULL: {
    takes: [2],
    translate: ([first, second]) => {
      if (!first || !second) return { sql: 'NULL', type: int };
      const type = first.literal === null ? second.type : first.type;
      return { sql: `ifnull(${first.sql}, ${coerce(second, type).sql})`, type };
    },
  },
  COALESCE: unified('coalesce', 254, (list) => list),
  NULLIF: unified('nullif', 2, (list) => list),
  IIF: unified('iif', 3, (list) => list.slice(1)),
  ABS: ofNumber('abs'),
  FLOOR: ofNumber('tsql_floor'),
  CEILING: ofNumber('tsql_ceiling'),
  ROUND: ofNumber('round', [2]),
  YEAR: datePart(1, 4),
  MONTH: datePart(6, 2),
  DAY: datePart(9, 2),
};
