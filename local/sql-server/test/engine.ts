import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataType, SqlValue } from '../sql/data-types.ts';
import { executeBatch } from '../sql/engine/batch.ts';
import { Instance } from '../sql/engine/instance.ts';
import { Session } from '../sql/engine/session.ts';
import { Variables } from '../sql/engine/variables.ts';
import type { Column, ResultSink } from '../sql/result-sink.ts';
import type { SqlError } from '../sql-error.ts';

/** What a batch gave: rows of all results, errors by number, texts of PRINT and its like. */
export interface Outcome {
  readonly rows: Record<string, SqlValue>[];
  readonly types: DataType[];
  readonly errors: number[];
  readonly messages: string[];
  readonly events: string[];
}

/** The engine without a network: one instance, sessions at will. */
export class TestEngine {
  readonly instance: Instance;
  readonly #directory = mkdtempSync(join(tmpdir(), 'sql-engine-'));

  constructor() {
    this.instance = new Instance({
      name: 'music-db',
      netbiosName: 'CORP',
      directory: this.#directory,
      administrator: { username: 'admin', password: 'secret' },
    });
  }

  /** Logs in by name alone: as the administrator, or as any login that was made. */
  session(login = 'admin', database = 'master'): Session {
    const found = this.instance.logins.find(login);
    if (!found) throw new Error(`There is no login ${login}.`);
    const client = {
      hostName: 'test',
      applicationName: 'test',
      address: '127.0.0.1',
      port: 1433,
      encrypted: true,
    };
    return new Session(
      this.instance,
      found,
      { ...client, scheme: found.windows ? 'KERBEROS' : 'SQL' },
      database,
    );
  }

  close(): void {
    this.instance.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Runs a batch in a session. */
export async function run(
  session: Session,
  sql: string,
  {
    signal = new AbortController().signal,
    parameters = [] as { name: string; type: DataType; value: SqlValue }[],
  } = {},
): Promise<Outcome> {
  const outcome: Outcome = { rows: [], types: [], errors: [], messages: [], events: [] };
  let columns: readonly Column[] = [];
  const sink: ResultSink = {
    columns: (given) => {
      columns = given;
      outcome.types.push(...given.map(({ type }) => type));
    },
    row: (values) => {
      outcome.rows.push(Object.fromEntries(columns.map(({ name }, index) => [name, values[index] ?? null])));
    },
    done: () => {},
    message: ({ number, severity, message }: SqlError) => {
      if (severity > 10) outcome.errors.push(number);
      outcome.messages.push(message);
    },
    databaseChanged: (now) => outcome.events.push(`use ${now}`),
    transactionChanged: (event) => outcome.events.push(event),
    drained: async () => {},
  };
  const variables = new Variables(session);
  for (const { name, type, value } of parameters) variables.declare(name, type, value);
  await executeBatch(session, sql, sink, signal, variables);
  return outcome;
}

/** The single value of a single row. */
export async function scalar(session: Session, sql: string): Promise<SqlValue | undefined> {
  const { rows, errors, messages } = await run(session, sql);
  if (errors.length > 0) throw new Error(messages.join('\n'));
  return Object.values(rows[0] ?? {})[0];
}
