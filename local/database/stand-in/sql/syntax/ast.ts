import type { DataType, SqlValue } from '../data-types.ts';

/** What the parser makes of T-SQL: expressions and queries. Statements are in `statements.ts`. */

export type Expression =
  | { readonly kind: 'literal'; readonly value: SqlValue; readonly type: DataType }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'column'; readonly path: readonly string[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly arguments: readonly Expression[];
      readonly star: boolean;
      readonly distinct: boolean;
      readonly over?: { readonly partitionBy: readonly Expression[]; readonly orderBy: readonly Order[] };
    }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: DataType; readonly try: boolean }
  | {
      readonly kind: 'case';
      readonly operand?: Expression;
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise?: Expression;
    }
  | {
      readonly kind: 'inList';
      readonly operand: Expression;
      readonly list: readonly Expression[];
      readonly not: boolean;
    }
  | { readonly kind: 'inQuery'; readonly operand: Expression; readonly query: Query; readonly not: boolean }
  | {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly not: boolean;
    }
  | {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape?: Expression;
      readonly not: boolean;
    }
  | { readonly kind: 'isNull'; readonly operand: Expression; readonly not: boolean }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'subquery'; readonly query: Query };

/** `[database.][schema.]name`; the line is where it stands in the batch. */
export interface ObjectName {
  readonly database?: string;
  readonly schema?: string;
  readonly name: string;
  readonly line: number;
}

export type SelectItem =
  | { readonly kind: 'star'; readonly table?: string }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly alias?: string }
  | { readonly kind: 'assign'; readonly variable: string; readonly expression: Expression };

export type Source =
  | { readonly kind: 'table'; readonly name: ObjectName; readonly alias?: string }
  | {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias: string;
      readonly columns?: readonly string[];
    }
  | {
      readonly kind: 'join';
      readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
      readonly left: Source;
      readonly right: Source;
      readonly on?: Expression;
    };

export interface Order {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface Select {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly top?: Expression;
  readonly items: readonly SelectItem[];
  readonly from: readonly Source[];
  readonly where?: Expression;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
}

export interface Values {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

export interface Compound {
  readonly kind: 'compound';
  readonly operator: 'UNION' | 'UNION ALL' | 'EXCEPT' | 'INTERSECT';
  readonly left: QueryBody;
  readonly right: QueryBody;
}

export type QueryBody = Select | Values | Compound;

export interface Query {
  readonly with: readonly {
    readonly name: string;
    readonly columns?: readonly string[];
    readonly query: Query;
  }[];
  readonly body: QueryBody;
  readonly orderBy: readonly Order[];
  readonly offset?: Expression;
  readonly fetch?: Expression;
}
