import assert from 'node:assert/strict';

/** What a library built on tedious must support: queries, also in parallel, commit, rollback and streams. */
export interface Library {
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Runs the statement in a transaction. To roll it back, throws {@link RolledBack} inside the transaction. */
  transaction(text: string, roll: 'commit' | 'back'): Promise<void>;
  /** A query with a parameter. */
  titlesOf(id: number): Promise<unknown[]>;
  /** Streams rows; omitted if the library has no streams. */
  stream?(text: string): AsyncIterable<Record<string, unknown>>;
  /** Set if the library cannot leave a stream before its end. */
  readonly streamsToTheEnd?: true;
}

export class RolledBack extends Error {}

const streamed = Array.from({ length: 1000 }, (_, index) => 1000 + index);

/** Creates the table that {@link useLibrary} uses. */
export const statements: readonly string[] = [
  'CREATE TABLE Album (Id int, Title nvarchar(100))',
  `INSERT INTO Album (Id, Title) VALUES ${streamed.map((id) => `(${id}, N'${'♪'.repeat(90)}')`).join(', ')}`,
];

const who = "SELECT SUSER_SNAME() AS login, CONNECTIONPROPERTY('auth_scheme') AS scheme";
const identity = { login: 'CORP\\db-user', scheme: 'KERBEROS' };
const identityOf = async (library: Library) => (await library.query(who)).map((row) => ({ ...row }));

/**
 * Exercises everything that a library supports.
 *
 * @param id the ID of this library's rows in the table
 * @throws AssertionError if a result is wrong
 */
export async function useLibrary(library: Library, id: number): Promise<void> {
  assert.deepEqual(await identityOf(library), [identity]);
  await library.transaction(`INSERT INTO Album (Id, Title) VALUES (${id}, N'kept ä')`, 'commit');
  const undone = library.transaction(`INSERT INTO Album (Id, Title) VALUES (${id}, N'undone')`, 'back');
  await assert.rejects(undone, RolledBack);
  assert.deepEqual(await library.titlesOf(id), ['kept ä']);
  const many = await Promise.all(Array.from({ length: 12 }, () => identityOf(library)));
  assert.deepEqual(
    many,
    many.map(() => [identity]),
  );
  await assert.rejects(library.query('SELECT nothing FROM Nowhere'), /Nowhere/);
  assert.deepEqual(await identityOf(library), [identity]);
  if (library.stream) await useStream(library.stream, library.streamsToTheEnd ? 0 : 6);
  assert.deepEqual(await identityOf(library), [identity]);
}

/** Reads one stream to its end, and leaves others after a few rows: more streams than the pool has connections. */
async function useStream(stream: NonNullable<Library['stream']>, left: number): Promise<void> {
  const text = 'SELECT Id, Title FROM Album WHERE Id >= 1000 ORDER BY Id';
  const read: unknown[] = [];
  for await (const { Id } of stream(text)) read.push(Id);
  assert.deepEqual(read, streamed);
  for (let times = 0; times < left; times += 1) {
    let rows = 0;
    for await (const _ of stream(text)) {
      rows += 1;
      if (rows === 10) break;
    }
    assert.equal(rows, 10);
  }
}
