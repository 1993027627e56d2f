import type { DataType } from '../data-types.ts';
import type { Expression, ObjectName, Query, Source } from './ast.ts';

/** What the parser makes of statements. `line` is where the statement starts in its batch. */

export interface ColumnDefinition {
  readonly name: string;
  readonly type: DataType;
  readonly nullable?: boolean;
  readonly identity?: { readonly seed: number; readonly increment: number };
  /** The text of a DEFAULT, translated when the table is made. */
  readonly defaultValue?: { readonly constraint?: string; readonly expression: Expression };
}

export type ConstraintDefinition =
  | {
      readonly kind: 'PRIMARY KEY' | 'UNIQUE';
      readonly name?: string;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'FOREIGN KEY';
      readonly name?: string;
      readonly columns: readonly string[];
      readonly references: ObjectName;
      readonly referencedColumns: readonly string[];
      readonly onDelete?: string;
      readonly onUpdate?: string;
    }
  | { readonly kind: 'CHECK'; readonly name?: string; readonly expression: Expression };

export interface Argument {
  readonly name?: string;
  readonly expression: Expression;
  readonly output: boolean;
}

export type Securable =
  | { readonly class: 'SERVER' }
  | { readonly class: 'DATABASE'; readonly name?: string }
  | { readonly class: 'SCHEMA'; readonly name: string }
  | { readonly class: 'OBJECT'; readonly name: ObjectName };

export interface LoginDefinition {
  readonly name: string;
  readonly windows: boolean;
  readonly password?: string;
  readonly defaultDatabase?: string;
  readonly enabled?: boolean;
}

export type StatementBody =
  | { readonly kind: 'query'; readonly query: Query }
  | {
      readonly kind: 'insert';
      readonly target: ObjectName;
      readonly columns: readonly string[];
      readonly source: Query | 'default';
      readonly output?: Output;
    }
  | {
      readonly kind: 'update';
      readonly target: ObjectName;
      readonly set: readonly { readonly column: string; readonly expression: Expression }[];
      readonly from: readonly Source[];
      readonly where?: Expression;
      readonly output?: Output;
    }
  | {
      readonly kind: 'delete';
      readonly target: ObjectName;
      readonly from: readonly Source[];
      readonly where?: Expression;
      readonly output?: Output;
    }
  | { readonly kind: 'truncate'; readonly target: ObjectName }
  | {
      readonly kind: 'declare';
      readonly variables: readonly {
        readonly name: string;
        readonly type: DataType;
        readonly value?: Expression;
      }[];
    }
  | { readonly kind: 'setVariable'; readonly name: string; readonly expression: Expression }
  | { readonly kind: 'setOption'; readonly options: readonly string[]; readonly on: boolean }
  | { readonly kind: 'setValue'; readonly option: string; readonly expression: Expression }
  | { readonly kind: 'identityInsert'; readonly table: ObjectName; readonly on: boolean }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Statement;
      readonly otherwise?: Statement;
    }
  | { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement }
  | { readonly kind: 'break' | 'continue' | 'nothing' }
  | { readonly kind: 'block'; readonly statements: readonly Statement[] }
  | { readonly kind: 'try'; readonly body: readonly Statement[]; readonly handler: readonly Statement[] }
  | { readonly kind: 'throw'; readonly arguments?: readonly [Expression, Expression, Expression] }
  | { readonly kind: 'raiserror'; readonly arguments: readonly Expression[] }
  | { readonly kind: 'print'; readonly expression: Expression }
  | { readonly kind: 'return'; readonly expression?: Expression }
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'save'; readonly name?: string }
  | {
      readonly kind: 'execute';
      readonly procedure: ObjectName;
      readonly result?: string;
      readonly arguments: readonly Argument[];
    }
  | { readonly kind: 'executeText'; readonly expression: Expression }
  | { readonly kind: 'waitfor'; readonly delay: Expression }
  | { readonly kind: 'kill'; readonly spid: number }
  | { readonly kind: 'createDatabase'; readonly name: string }
  | {
      readonly kind: 'alterDatabase';
      readonly name: string;
      readonly option: string;
      readonly immediate: boolean;
    }
  | { readonly kind: 'dropDatabase'; readonly names: readonly string[]; readonly ifExists: boolean }
  | { readonly kind: 'createSchema'; readonly name: string; readonly owner?: string }
  | { readonly kind: 'dropSchema'; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: 'createTable';
      readonly table: ObjectName;
      readonly columns: readonly ColumnDefinition[];
      readonly constraints: readonly ConstraintDefinition[];
    }
  | {
      readonly kind: 'alterTable';
      readonly table: ObjectName;
      readonly action:
        | {
            readonly kind: 'add';
            readonly columns: readonly ColumnDefinition[];
            readonly constraints: readonly ConstraintDefinition[];
          }
        | {
            readonly kind: 'dropConstraint' | 'dropColumn';
            readonly name: string;
            readonly ifExists: boolean;
          }
        | { readonly kind: 'checkConstraints' };
    }
  | { readonly kind: 'dropTable'; readonly tables: readonly ObjectName[]; readonly ifExists: boolean }
  | {
      readonly kind: 'createIndex';
      readonly name: string;
      readonly unique: boolean;
      readonly table: ObjectName;
      readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
    }
  | {
      readonly kind: 'dropIndex';
      readonly name: string;
      readonly table: ObjectName;
      readonly ifExists: boolean;
    }
  | ({ readonly kind: 'createLogin' } & LoginDefinition)
  | ({ readonly kind: 'alterLogin' } & LoginDefinition)
  | { readonly kind: 'dropLogin'; readonly name: string }
  | {
      readonly kind: 'createUser';
      readonly name: string;
      readonly login?: string;
      readonly withoutLogin: boolean;
      readonly defaultSchema?: string;
    }
  | {
      readonly kind: 'alterUser';
      readonly name: string;
      readonly login?: string;
      readonly defaultSchema?: string;
      readonly newName?: string;
    }
  | { readonly kind: 'dropUser'; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: 'createRole'; readonly name: string; readonly owner?: string }
  | { readonly kind: 'dropRole'; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: 'alterRole';
      readonly role: string;
      readonly server: boolean;
      readonly member: string;
      readonly add: boolean;
    }
  | {
      readonly kind: 'permission';
      readonly action: 'GRANT' | 'DENY' | 'REVOKE';
      readonly permissions: readonly string[];
      readonly securable: Securable;
      readonly principals: readonly string[];
    };

/** Columns of OUTPUT: `inserted.X` or `deleted.X`. */
export interface Output {
  readonly columns: readonly {
    readonly table: 'inserted' | 'deleted';
    readonly name: string;
    readonly alias?: string;
  }[];
}

export type Statement = StatementBody & { readonly line: number };

/** The statement of one kind. */
export type StatementOf<Kind extends StatementBody['kind']> = Extract<Statement, { kind: Kind }>;
