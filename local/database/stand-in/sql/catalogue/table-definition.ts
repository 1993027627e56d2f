import { type DataType, formatType, isBinary, isText } from '../data-types.ts';
import { quote } from '../translation/scope.ts';

/** A column as SQLite is told of it, its default already in SQLite's words. */
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
      readonly rules: string;
    }
  | { readonly kind: 'CHECK'; readonly sql: string }
);

export interface TableDefinition {
  /** `schema.name`, which is also the name of the SQLite table. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly constraints: readonly TableConstraint[];
}

/** Prefix of the CHECK constraints that keep text within its length. */
export const lengthCheck = '$length:';

const names = (columns: readonly string[]) => columns.map(quote).join(', ');

export function columnSql(table: string, { name, type, nullable, defaultValue }: TableColumn): string {
  // SQLite takes a number alone as a type's length; -1 stands for `max`, as in sys.columns.
  const parts = [quote(name), formatType(type).toUpperCase().replace('(MAX)', '(-1)')];
  if (isText(type)) parts.push('COLLATE NOCASE');
  if (!nullable) parts.push('NOT NULL');
  if (defaultValue !== undefined) parts.push(`DEFAULT (${defaultValue})`);
  if ((isText(type) || isBinary(type)) && typeof type.length === 'number') {
    const check = quote(`${lengthCheck}${table}:${name}`);
    parts.push(`CONSTRAINT ${check} CHECK (length(${quote(name)}) <= ${type.length})`);
  }
  return parts.join(' ');
}

export function constraintSql(constraint: TableConstraint): string {
  const start = `CONSTRAINT ${quote(constraint.name)} ${constraint.kind}`;
  if (constraint.kind === 'CHECK') return `${start} (${constraint.sql})`;
  if (constraint.kind !== 'FOREIGN KEY') return `${start} (${names(constraint.columns)})`;
  const { columns, table, referencedColumns, rules } = constraint;
  return `${start} (${names(columns)}) REFERENCES ${quote(table)} (${names(referencedColumns)})${rules}`;
}

/** @param temporary in SQLite's database for temporary tables */
export function createTableSql({ name, columns, constraints }: TableDefinition, temporary = false): string {
  const parts = [...columns.map((column) => columnSql(name, column)), ...constraints.map(constraintSql)];
  return `CREATE ${temporary ? 'TEMP ' : ''}TABLE ${quote(name)} (${parts.join(', ')})`;
}
