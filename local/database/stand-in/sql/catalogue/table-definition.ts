import type { DataType } from '../data-types.ts';
import { formatType, isBinary, isText } from '../data-types.ts';
import { lengthCheck } from '../engine/sqlite-errors.ts';
import { quote } from '../translation/scope.ts';

/** A column as the catalogue keeps it, its default already in SQLite's words. */
export interface TableColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly identity?: { readonly seed: number; readonly increment: number };
  readonly defaultValue?: string;
}

export type TableConstraint = { readonly name: string } & (
  | { readonly kind: 'PRIMARY KEY' | 'UNIQUE'; readonly columns: readonly string[] }
  | {
      readonly kind: 'FOREIGN KEY';
      readonly columns: readonly string[];
      /** `schema.name` */
      readonly table: string;
      readonly referencedColumns: readonly string[];
      readonly onDelete?: string;
      readonly onUpdate?: string;
    }
  | { readonly kind: 'CHECK'; readonly sql: string }
);

/** What CREATE TABLE and ALTER TABLE have made of a table; SQLite's own definition follows from it. */
export interface TableDefinition {
  /** `schema.name`, which is also the name of the SQLite table. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly constraints: readonly TableConstraint[];
}

const names = (columns: readonly string[]) => columns.map(quote).join(', ');

export function columnSql(table: string, { name, type, nullable, defaultValue }: TableColumn): string {
  // SQLite takes a number alone as a type's length; -1 stands for `max`, as in sys.columns.
  const parts = [quote(name), formatType(type).toUpperCase().replace('(MAX)', '(-1)')];
  if (isText(type)) parts.push('COLLATE NOCASE');
  if (!nullable) parts.push('NOT NULL');
  if (defaultValue !== undefined) parts.push(`DEFAULT (${defaultValue})`);
  if ((isText(type) || isBinary(type)) && typeof type.length === 'number') {
    parts.push(
      `CONSTRAINT ${quote(`${lengthCheck}${table}:${name}`)} CHECK (length(${quote(name)}) <= ${type.length})`,
    );
  }
  return parts.join(' ');
}

function constraintSql(constraint: TableConstraint): string {
  const start = `CONSTRAINT ${quote(constraint.name)} ${constraint.kind}`;
  switch (constraint.kind) {
    case 'CHECK':
      return `${start} (${constraint.sql})`;
    case 'FOREIGN KEY': {
      const { table, referencedColumns, onDelete, onUpdate } = constraint;
      const rules = `${onDelete ? ` ON DELETE ${onDelete}` : ''}${onUpdate ? ` ON UPDATE ${onUpdate}` : ''}`;
      return `${start} (${names(constraint.columns)}) REFERENCES ${quote(table)} (${names(referencedColumns)})${rules}`;
    }
    default:
      return `${start} (${names(constraint.columns)})`;
  }
}

export function createTableSql({ name, columns, constraints }: TableDefinition): string {
  const parts = [...columns.map((column) => columnSql(name, column)), ...constraints.map(constraintSql)];
  return `CREATE TABLE ${quote(name)} (${parts.join(', ')})`;
}
