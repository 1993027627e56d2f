import { sqlError, unsupported } from '../../sql-error.ts';
import * as types from '../data-types.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Scope } from './scope.ts';
import { coerce, exactDecimal, literal, type Typed } from './typed.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const { bigint, datetime, datetime2, int, nvarchar, varbinary } = types;
const variant = nvarchar(4000);

/** Functions that the session implements, registered with the prefix `tsql_`, by the type of their result. */
const answered: readonly (readonly [types.DataType, string])[] = [
  [int, 'DB_ID OBJECT_ID SCHEMA_ID SUSER_ID DATABASE_PRINCIPAL_ID IS_ROLEMEMBER'],
  [nvarchar(128), 'DB_NAME SCHEMA_NAME SUSER_SNAME SUSER_NAME'],
  [variant, 'SERVERPROPERTY CONNECTIONPROPERTY NEWID'],
  [varbinary(128), 'SUSER_SID CONTEXT_INFO'],
  [datetime, 'GETDATE'],
  [datetime2, 'SYSUTCDATETIME'],
];
const answerTypes = new Map(
  answered.flatMap(([type, names]) => names.split(' ').map((name) => [name, type])),
);

/** Translates a function call; error 40515 for an unknown function. */
export function translateCall(call: Call, scope: Scope, inner: (part: Expression) => Typed): Typed {
  const { name } = call;
  if (/^(COUNT|COUNT_BIG|SUM|MIN|MAX)$/.test(name)) {
    const outside = new Map(scope.used);
    const list = call.arguments.map(inner);
    Object.assign(scope, { used: outside, aggregates: true });
    return translateAggregate(call, list);
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
  return { sql: exactDecimal(`sum(${argument})`, sum), type: sum };
}

function sumType(type: types.DataType): types.DataType {
  if (types.isInteger(type)) return type.name === 'bigint' ? bigint : int;
  if (type.name === 'decimal' || type.name === 'numeric') return { ...type, precision: 38 };
  return type;
}

const sqlOf = (list: readonly Typed[]) => list.map(({ sql }) => sql).join(', ');
const asText = (value: Typed): Typed => (types.isText(value.type) ? value : coerce(value, variant));

type Scalar = readonly [
  translate: (list: readonly Typed[]) => Typed | undefined,
  least: number,
  most?: number,
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
  UPPER: [([first]) => first && { sql: `tsql_upper(${asText(first).sql})`, type: asText(first).type }, 1],
  CONCAT: concat,
  ISNULL: isNull,
};
