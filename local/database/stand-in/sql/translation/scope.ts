import { SqlError } from '../../sql-error.ts';
import type { DataType } from '../data-types.ts';
import type { ObjectName } from '../syntax/ast.ts';

export interface ScopeColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable?: boolean;
  readonly identity?: boolean;
}

/** A table, view, common table expression or derived table that columns can come from. */
export interface ScopeSource {
  /** The alias, or the table's name. */
  readonly name: string;
  readonly columns: readonly ScopeColumn[];
}

/** A table of the catalogue as the translation needs it. */
export interface TableInformation {
  /** Quoted for SQLite, with its database. */
  readonly sql: string;
  readonly schema: string;
  readonly name: string;
  readonly objectId: number;
  /** A view of the catalogue, which everybody may read and nobody write. */
  readonly system: boolean;
  readonly columns: readonly ScopeColumn[];
}

export type TablePermission = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALTER' | 'REFERENCES';

/** What the translation must know of the session. */
export interface TranslationContext {
  /** The type of a variable; error 137 if it is not declared. */
  variable(name: string): DataType;
  /** Error 208 if there is no such table, 229 if it may not be used so. */
  table(name: ObjectName, permission: TablePermission): TableInformation;
}

/** SQLite's quoting of a name. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The sources that a part of a query sees, its own first, then those around it. */
export class Scope {
  readonly sources: readonly ScopeSource[];
  readonly ctes: ReadonlyMap<string, ScopeSource>;
  readonly #outer: Scope | undefined;

  constructor(sources: readonly ScopeSource[], outer?: Scope, ctes?: ReadonlyMap<string, ScopeSource>) {
    this.sources = sources;
    this.#outer = outer;
    this.ctes = ctes ?? outer?.ctes ?? new Map();
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
    if (found.length > 1) {
      throw new SqlError({ number: 209, message: `Ambiguous column name '${name}'.` });
    }
    if (first) {
      const { source, column } = first;
      return {
        sql: `${quote(source.name)}.${quote(column.name)}`,
        type: column.type,
        nullable: column.nullable ?? true,
      };
    }
    if (this.#outer) return this.#outer.resolve(path);
    if (table === undefined) throw new SqlError({ number: 207, message: `Invalid column name '${name}'.` });
    const message = `The multi-part identifier "${path.join('.')}" could not be bound.`;
    throw new SqlError({ number: 4104, message });
  }
}
