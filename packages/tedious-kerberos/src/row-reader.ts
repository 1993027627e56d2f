import { RequestError } from 'tedious';
import { FaultyName } from './tedious-options.ts';

interface Column {
  readonly metadata: { readonly colName: string };
  readonly value: unknown;
}

/** Turns rows into objects, and notices if an object would lose a column. */
export class RowReader<Row> {
  readonly rows: Row[] = [];
  /** Why the rows cannot be objects. The statement has run nevertheless. */
  problem: RequestError | undefined;

  readonly onColumns = (columns: unknown): void => {
    if (!Array.isArray(columns)) return;
    const names = (columns as { readonly colName: string | FaultyName }[]).map(({ colName }) => colName);
    const faulty = names.find((name) => name instanceof FaultyName);
    if (faulty) this.problem ??= faultyName(faulty);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) this.problem ??= sameName(String(twice));
  };

  readonly onRow = (columns: readonly Column[]): void => {
    if (this.problem) return;
    this.rows.push(
      Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])) as Row,
    );
  };
}

function sameName(name: string): RequestError {
  const columns =
    name === ''
      ? 'Several columns of the result have no name'
      : `Several columns of the result are named "${name}"`;
  return new RequestError(
    `The statement has run, but its rows cannot be objects. ${columns}: give each a name of its own (… AS name), or use Request, whose rows are arrays.`,
    'ECOLUMNS',
  );
}

function faultyName({ because }: FaultyName): RequestError {
  const reason = because instanceof Error ? because.message : String(because);
  return new RequestError(
    `The statement has run, but the option "columnNameReplacer" gave no name for a column: ${reason}.`,
    'EOPTION',
    { cause: because },
  );
}
