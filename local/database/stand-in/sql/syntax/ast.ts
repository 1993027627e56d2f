import type { DataType, SqlValue } from '../data-types.ts';

/** The parser's output for expressions, queries and parts of tables. Statements become functions that run them. */

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
    }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: DataType }
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise: Expression;
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly list: Query | readonly Expression[] }
  | { readonly kind: 'isNull'; readonly operand: Expression }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'subquery'; readonly query: Query };

/** `[database.][schema.]name`, and its line in the batch. */
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
      readonly kind: 'join';
      readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
      readonly left: Source;
      readonly right: Source;
      readonly on: Expression;
    };

export interface Order {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface Select {
  readonly distinct: boolean;
  readonly top?: Expression;
  readonly items: readonly SelectItem[];
  readonly from: readonly Source[];
  readonly where?: Expression;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
}

/** One SELECT, or several whose rows are concatenated (UNION ALL). */
export interface Query {
  readonly selects: readonly Select[];
  readonly orderBy: readonly Order[];
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: DataType;
  readonly nullable?: boolean;
  readonly identity?: { readonly seed: number; readonly increment: number };
  readonly defaultValue?: Expression;
}

export type ConstraintDefinition = { readonly name?: string } & (
  | { readonly kind: 'PRIMARY KEY' | 'UNIQUE'; readonly columns: readonly string[] }
  | {
      readonly kind: 'FOREIGN KEY';
      readonly columns: readonly string[];
      readonly references: ObjectName;
      readonly referencedColumns: readonly string[];
    }
);

export interface TableParts {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
}
