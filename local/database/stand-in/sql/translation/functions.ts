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
import { type Translation, translateExpression } from './expressions.ts';
import type { Scope } from './scope.ts';
import { coerce, exactDecimal, isNumeric, type Typed, unify } from './typed.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const name128 = nvarchar(128);
const variant = nvarchar(4000);

/** Functions that the session answers, under their own names with `tsql_` before; with their types. */
const sessionFunctions: Readonly<Record<string, DataType>> = {
  DB_NAME: name128,
  DB_ID: int,
  OBJECT_ID: int,
  OBJECT_NAME: name128,
  SCHEMA_ID: int,
  SCHEMA_NAME: name128,
  SUSER_SNAME: name128,
  SUSER_NAME: name128,
  SUSER_ID: int,
  ORIGINAL_LOGIN: name128,
  SUSER_SID: varbinary(85),
  SESSION_CONTEXT: variant,
  CONTEXT_INFO: varbinary(128),
  SESSIONPROPERTY: int,
  USER_NAME: name128,
  USER_ID: int,
  DATABASE_PRINCIPAL_ID: int,
  IS_MEMBER: int,
  IS_ROLEMEMBER: int,
  IS_SRVROLEMEMBER: int,
  HAS_PERMS_BY_NAME: int,
  HAS_DBACCESS: int,
  SERVERPROPERTY: variant,
  DATABASEPROPERTYEX: variant,
  CONNECTIONPROPERTY: variant,
  SCOPE_IDENTITY: { name: 'numeric', precision: 38, scale: 0 },
  IDENT_CURRENT: { name: 'numeric', precision: 38, scale: 0 },
  COL_LENGTH: int,
  XACT_STATE: { name: 'smallint' },
  ERROR_NUMBER: int,
  ERROR_MESSAGE: nvarchar(4000),
  ERROR_SEVERITY: int,
  ERROR_STATE: int,
  ERROR_LINE: int,
  ERROR_PROCEDURE: name128,
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
  CHECKSUM: int,
  HASHBYTES: varbinary(8000),
};

const synonyms: Readonly<Record<string, string>> = {
  SYSTEM_USER: 'SUSER_SNAME',
  CURRENT_USER: 'USER_NAME',
  SESSION_USER: 'USER_NAME',
  USER: 'USER_NAME',
  CURRENT_TIMESTAMP: 'GETDATE',
  PROGRAM_NAME: 'APP_NAME',
  COUNT_BIG: 'COUNT',
};

const aggregates = new Set(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'STRING_AGG']);
const rankings: Readonly<Record<string, string>> = {
  ROW_NUMBER: 'row_number',
  RANK: 'rank',
  DENSE_RANK: 'dense_rank',
};

export const isAggregate = (call: Call): boolean =>
  aggregates.has(synonyms[call.name] ?? call.name) && !call.over;

/** Error 174 when a function gets another number of arguments than it takes. */
function arity(call: Call, least: number, most = least): void {
  const given = call.arguments.length;
  if (given >= least && given <= most) return;
  const message = `The ${call.name.toLowerCase()} function requires ${least} argument(s).`;
  throw new SqlError({ number: 174, severity: 15, message });
}

/** Translates a function call; 195 for a function that is not known here. */
export function translateCall(translation: Translation, scope: Scope, call: Call): Typed {
  const name = synonyms[call.name] ?? call.name;
  if (/^DATE(ADD|DIFF|PART|NAME)$/.test(name)) return translateDatePart(translation, scope, call);
  const list = call.arguments.map((argument) => translateExpression(translation, scope, argument));
  if (aggregates.has(name))
    return exactResult(name, windowed(translation, scope, call, translateAggregate(name, call, list)));
  const ranking = rankings[name];
  if (ranking) return windowed(translation, scope, call, { sql: `${ranking}()`, type: bigint });
  if (call.over) throw unsupported(`${name} with OVER`);
  const type = sessionFunctions[name];
  if (type) return { sql: `tsql_${name.toLowerCase()}(${list.map(({ sql }) => sql).join(', ')})`, type };
  const translated = translateScalar(name, call, list);
  if (translated) return translated;
  const message = `'${call.name}' is not a recognized built-in function name.`;
  throw new SqlError({ number: 195, severity: 15, message });
}

function windowed(translation: Translation, scope: Scope, call: Call, typed: Typed): Typed {
  if (!call.over) return typed;
  const inner = (part: Expression) => translateExpression(translation, scope, part).sql;
  const partition = call.over.partitionBy.map(inner);
  const order = call.over.orderBy.map(
    ({ expression, descending }) => `${inner(expression)}${descending ? ' DESC' : ''}`,
  );
  const window = [
    ...(partition.length > 0 ? [`PARTITION BY ${partition.join(', ')}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.join(', ')}`] : []),
  ].join(' ');
  return { ...typed, sql: `${typed.sql} OVER (${window})` };
}

function translateAggregate(name: string, call: Call, list: readonly Typed[]): Typed {
  const [first, second] = list;
  if (name === 'COUNT') {
    const argument = call.star ? '*' : `${call.distinct ? 'DISTINCT ' : ''}${first?.sql}`;
    return { sql: `count(${argument})`, type: call.name === 'COUNT_BIG' ? bigint : int };
  }
  arity(call, name === 'STRING_AGG' ? 2 : 1);
  if (!first) throw unsupported(name);
  const distinct = call.distinct ? 'DISTINCT ' : '';
  if (name === 'MIN' || name === 'MAX')
    return { sql: `${name.toLowerCase()}(${distinct}${first.sql})`, type: first.type };
  if (name === 'STRING_AGG')
    return { sql: `group_concat(${first.sql}, ${second?.sql})`, type: nvarchar('max') };
  if (!isNumeric(first.type) || first.type.name === 'bit') {
    const message = `Operand data type ${first.type.name} is invalid for ${name.toLowerCase()} operator.`;
    throw new SqlError({ number: 8117, message });
  }
  const type = sumType(first.type);
  if (name === 'SUM') return { sql: `sum(${distinct}${first.sql})`, type };
  return {
    sql: `avg(${distinct}${first.sql})`,
    type: type.scale === undefined ? type : { ...type, scale: Math.max(type.scale, 6) },
  };
}

/** The average of integers is an integer in T-SQL, and sums of decimals are exact. */
function exactResult(name: string, { sql, type }: Typed): Typed {
  if (name === 'AVG' && isInteger(type)) return { sql: `CAST(${sql} AS INTEGER)`, type };
  return { sql: name === 'SUM' || name === 'AVG' ? exactDecimal(sql, type) : sql, type };
}

function sumType(type: DataType): DataType {
  if (isInteger(type)) return type.name === 'bigint' ? bigint : int;
  if (type.scale !== undefined && type.name !== 'money')
    return { name: 'numeric', precision: 38, scale: type.scale };
  return type.name === 'real' ? float : type;
}

const textOf = (value: Typed | undefined): Typed =>
  value && isText(value.type)
    ? value
    : coerce(value ?? { sql: 'NULL', type: int, literal: null }, nvarchar(4000));

function translateScalar(name: string, call: Call, list: readonly Typed[]): Typed | undefined {
  const [first, second, third] = list;
  const sql = (index: number) => list[index]?.sql ?? 'NULL';
  switch (name) {
    case 'LEN':
      arity(call, 1);
      return { sql: `length(rtrim(${textOf(first).sql}))`, type: int };
    case 'DATALENGTH': {
      arity(call, 1);
      const size = first?.type.name.startsWith('n') ? 2 : 1;
      if (first && (isText(first.type) || first.type.name.endsWith('binary'))) {
        return { sql: `(length(${sql(0)}) * ${size})`, type: int };
      }
      throw unsupported('DATALENGTH of a number or date');
    }
    case 'UPPER':
    case 'LOWER':
    case 'LTRIM':
    case 'RTRIM':
    case 'TRIM':
      arity(call, 1);
      return { sql: `tsql_${name.toLowerCase()}(${textOf(first).sql})`, type: textOf(first).type };
    case 'SUBSTRING':
      arity(call, 3);
      return { sql: `tsql_substring(${textOf(first).sql}, ${sql(1)}, ${sql(2)})`, type: textOf(first).type };
    case 'LEFT':
    case 'RIGHT':
      arity(call, 2);
      return { sql: `tsql_${name.toLowerCase()}(${textOf(first).sql}, ${sql(1)})`, type: textOf(first).type };
    case 'REPLACE':
      arity(call, 3);
      return {
        sql: `tsql_replace(${[first, second, third].map((part) => textOf(part).sql).join(', ')})`,
        type: nvarchar(4000),
      };
    case 'CHARINDEX':
      arity(call, 2, 3);
      return {
        sql: `tsql_charindex(${textOf(first).sql}, ${textOf(second).sql}, ${third?.sql ?? '1'})`,
        type: int,
      };
    case 'CONCAT':
      arity(call, 2, 254);
      return {
        sql: `(${list.map((part) => `ifnull(${textOf(part).sql}, '')`).join(' || ')})`,
        type: nvarchar(4000),
      };
    case 'CONCAT_WS':
      arity(call, 3, 254);
      return { sql: `concat_ws(${list.map((part) => textOf(part).sql).join(', ')})`, type: nvarchar(4000) };
    case 'ISNULL': {
      arity(call, 2);
      if (!first || !second) return undefined;
      const type = first.literal === null ? second.type : first.type;
      return { sql: `ifnull(${first.sql}, ${coerce(second, type).sql})`, type };
    }
    case 'COALESCE': {
      arity(call, 2, 254);
      const { values, type } = unify(list);
      return { sql: `coalesce(${values.map((value) => value.sql).join(', ')})`, type };
    }
    case 'NULLIF': {
      arity(call, 2);
      const { values } = unify(list);
      return { sql: `nullif(${values.map((value) => value.sql).join(', ')})`, type: first?.type ?? int };
    }
    case 'IIF': {
      arity(call, 3);
      const { values, type } = unify(list.slice(1));
      return { sql: `iif(${sql(0)}, ${values.map((value) => value.sql).join(', ')})`, type };
    }
    case 'ABS':
    case 'FLOOR':
    case 'CEILING':
      arity(call, 1);
      return { sql: `tsql_${name.toLowerCase()}(${sql(0)})`, type: first?.type ?? int };
    case 'ROUND':
      arity(call, 2);
      return { sql: `tsql_round(${sql(0)}, ${sql(1)})`, type: first?.type ?? float };
    case 'YEAR':
    case 'MONTH':
    case 'DAY':
      arity(call, 1);
      return {
        sql: `tsql_datepart('${name.toLowerCase()}', ${coerce(first ?? { sql: 'NULL', type: int }, datetime2).sql})`,
        type: int,
      };
    default:
      return undefined;
  }
}

/** DATEADD, DATEDIFF and DATEPART name the part of a date by a bare word. */
function translateDatePart(translation: Translation, scope: Scope, call: Call): Typed {
  const [part, ...rest] = call.arguments;
  const word = part?.kind === 'column' && part.path.length === 1 ? part.path[0] : undefined;
  if (!word || !/^\w+$/.test(word)) {
    const message = `Invalid parameter 1 specified for ${call.name.toLowerCase()}.`;
    throw new SqlError({ number: 1023, severity: 15, message });
  }
  arity(call, call.name === 'DATEPART' ? 2 : 3);
  const list = rest.map((argument) => translateExpression(translation, scope, argument));
  const date = (value: Typed | undefined) =>
    coerce(value ?? { sql: 'NULL', type: int, literal: null }, datetime2).sql;
  if (call.name === 'DATEPART') return { sql: `tsql_datepart('${word}', ${date(list[0])})`, type: int };
  if (call.name === 'DATEDIFF')
    return { sql: `tsql_datediff('${word}', ${date(list[0])}, ${date(list[1])})`, type: int };
  if (call.name !== 'DATEADD') throw unsupported(call.name);
  const from = list[1]?.type ?? datetime;
  const type = isText(from) ? datetime : from;
  return {
    sql: `tsql_convert(tsql_dateadd('${word}', ${list[0]?.sql}, ${date(list[1])}), 'datetime2(7)', '${type.name}')`,
    type,
  };
}
