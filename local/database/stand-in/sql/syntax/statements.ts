import type { DataType } from '../data-types.ts';
import type { Expression, ObjectName, Query } from './ast.ts';

/** What the parser makes of statements. `line` is where the statement starts in its batch. */

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
      /** ON DELETE and ON UPDATE as written. */
      readonly rules: string;
    }
  | { readonly kind: 'CHECK'; readonly expression: Expression }
);

export interface TableParts {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
}

export interface Argument {
  readonly name?: string;
  readonly expression: Expression;
}

export type Securable =
  | { readonly class: 'DATABASE' }
  | { readonly class: 'SCHEMA'; readonly name: string }
  | { readonly class: 'OBJECT'; readonly name: ObjectName };

export interface Assignment {
  readonly column: string;
  readonly expression: Expression;
}

interface Named {
  readonly name: string;
}

interface Droppable extends Named {
  readonly ifExists: boolean;
}

/** Kinds of statements, with what each has. */
interface Bodies {
  readonly query: { readonly query: Query };
  readonly insert: {
    readonly target: ObjectName;
    readonly columns: readonly string[];
    readonly source: Query | readonly (readonly Expression[])[];
  };
  readonly update: {
    readonly target: ObjectName;
    readonly set: readonly Assignment[];
    readonly where?: Expression;
  };
  readonly delete: { readonly target: ObjectName; readonly where?: Expression };
  readonly declare: {
    readonly variables: readonly (Named & { readonly type: DataType; readonly value?: Expression })[];
  };
  readonly setVariable: Named & { readonly expression: Expression };
  readonly setOption: { readonly options: readonly string[]; readonly on: boolean };
  readonly setValue: { readonly option: string; readonly expression: Expression };
  readonly identityInsert: { readonly table: ObjectName; readonly on: boolean };
  readonly if: { readonly condition: Expression; readonly then: Statement; readonly otherwise?: Statement };
  readonly while: { readonly condition: Expression; readonly body: Statement };
  readonly block: { readonly statements: readonly Statement[] };
  readonly print: { readonly expression: Expression };
  readonly raiserror: { readonly arguments: readonly Expression[] };
  readonly waitfor: { readonly delay: Expression };
  readonly use: { readonly database: string };
  readonly nothing: object;
  readonly begin: object;
  readonly commit: object;
  readonly rollback: object;
  readonly execute: {
    readonly procedure: ObjectName;
    readonly result?: string;
    readonly arguments: readonly Argument[];
  };
  readonly executeText: { readonly expression: Expression };
  readonly createDatabase: Named;
  readonly dropDatabase: Droppable;
  readonly createSchema: Named & { readonly owner?: string };
  readonly createTable: TableParts & { readonly table: ObjectName };
  readonly alterTable: TableParts & { readonly table: ObjectName };
  readonly dropTable: { readonly table: ObjectName; readonly ifExists: boolean };
  readonly createIndex: Named & {
    readonly unique: boolean;
    readonly table: ObjectName;
    readonly columns: readonly (Named & { readonly descending: boolean })[];
  };
  readonly createLogin: Named & {
    readonly windows: boolean;
    readonly password?: string;
    readonly defaultDatabase?: string;
  };
  readonly dropLogin: Named;
  readonly createUser: Named & { readonly login: string; readonly defaultSchema?: string };
  readonly dropUser: Droppable;
  readonly createRole: Named;
  readonly bindUser: { readonly name: string; readonly login: string };
  readonly alterRole: { readonly role: string; readonly member: string; readonly add: boolean };
  readonly grant: {
    readonly permissions: readonly string[];
    readonly securable: Securable;
    readonly principals: readonly string[];
  };
}

export type StatementBody = { [Kind in keyof Bodies]: { readonly kind: Kind } & Bodies[Kind] }[keyof Bodies];

export type Statement = StatementBody & { readonly line: number };

/** The statement of one kind. */
export type StatementOf<Kind extends keyof Bodies> = Extract<Statement, { kind: Kind }>;
