import { sqlError } from '../../sql-error.ts';
import type { DataType } from '../data-types.ts';
import type { Column } from '../result-sink.ts';
import type { ObjectName, Query } from '../syntax/ast.ts';

/** A table or view whose columns a query can use. */
export interface ScopeSource {
  /** The alias, or the table's name. */
  readonly name: string;
  readonly columns: readonly Column[];
}

/** A table or catalogue view in the form that the translation needs. */
export interface TableInformation {
  /** Quoted for SQLite, with its database. */
  readonly sql: string;
  readonly schema: string;
  readonly name: string;
  readonly objectId: number;
  readonly columns: readonly Column[];
}

export type TablePermission = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALTER' | 'REFERENCES';

/** A query in SQLite's SQL, with the columns of its result. */
export interface TranslatedQuery {
  readonly sql: string;
  readonly columns: readonly Column[];
  /** Variables, by column, that the query assigns instead of returning rows. */
  readonly assigns?: readonly string[];
}

/** The translation of one statement from T-SQL to SQLite: access to the session, and the variables used so far. */
export interface Translation {
  /** Variables in the order of their numbered parameters. */
  readonly parameters: string[];
  /** Translates a query within an expression; `outer` is the enclosing query, whose columns it may use. */
  query(query: Query, outer?: Scope): TranslatedQuery;
  /** The type of a variable; error 137 if it is not declared. */
  variable(name: string): DataType;
  /** Error 208 if there is no such table, 229 without the permission. */
  table(name: ObjectName, permission: TablePermission): TableInformation;
}

/** Quotes a name for SQLite. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The sources that a part of a query can refer to: its own first, then those of the enclosing queries. */
export class Scope {
  readonly sources: readonly ScopeSource[];
  readonly #outer: Scope | undefined;
  /** Columns used outside of aggregates, by their SQL. */
  used = new Map<string, string>();
  aggregates = false;

  constructor(sources: readonly ScopeSource[], outer?: Scope) {
    this.sources = sources;
    this.#outer = outer;
  }

  /** Finds a column: error 207 or 4104 if there is none, 209 if there are several. */
  resolve(path: readonly string[]): { sql: string; type: DataType; nullable: boolean } {
    const name = path.at(-1) ?? '';
    const table = path.at(-2);
    const found = this.sources.flatMap((source) =>
      table !== undefined && !same(source.name, table)
        ? []
        : source.columns.filter((column) => same(column.name, name)).map((column) => ({ source, column })),
    );
    const [first] = found;
    if (found.length > 1) throw sqlError(209, name);
    if (first) {
      const { source, column } = first;
      const sql = `${quote(source.name)}.${quote(column.name)}`;
      this.used.set(sql, path.join('.'));
      return { sql, type: column.type, nullable: column.nullable ?? true };
    }
    if (this.#outer) return this.#outer.resolve(path);
    if (table === undefined) throw sqlError(207, name);
    throw sqlError(4104, path.join('.'));
  }
}
