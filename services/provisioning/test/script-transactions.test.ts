import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyScript } from '../src/database/apply-script.ts';
import { needsNoneAround } from '../src/database/own-transactions.ts';
import { splitBatches } from '../src/database/split-batches.ts';
import { sqlTokens } from '../src/database/sql-lexer.ts';
import { SqlServerError, type SqlSession } from '../src/index.ts';
import { script } from './database-server.ts';

interface Kept {
  readonly rows: readonly string[];
  readonly notes: readonly number[];
}

/**
 * A server with rows and transactions: inner transactions only count, and the outermost decides, as the Transact-SQL
 * reference says (`COMMIT TRANSACTION`, `ROLLBACK TRANSACTION`).
 */
class Server {
  now: Kept = { rows: [], notes: [] };
  depth = 0;
  #before: Kept = this.now;

  readonly session: SqlSession = {
    close() {},
    batch: async (sql) => {
      if (sql.startsWith('SELECT @@TRANCOUNT')) return [{ depth: this.depth }];
      if (sql.startsWith('SELECT [batch]')) {
        const last = Number(/> (\d+)/.exec(sql)?.[1]);
        return this.now.notes.filter((batch) => batch > last).map((batch) => ({ batch, sha256: '' }));
      }
      const note = /applied_batch\] .* VALUES \(N'a.sql', (\d+)/.exec(sql)?.[1];
      const forgotten = /^DELETE .*\[batch\] = (\d+)/.exec(sql)?.[1];
      if (note) this.now = { ...this.now, notes: [...this.now.notes, Number(note)].sort((a, b) => a - b) };
      else if (forgotten)
        this.now = { ...this.now, notes: this.now.notes.filter((batch) => batch !== Number(forgotten)) };
      else if (!sql.includes('[provisioning]')) this.#runAll(sql);
      return [];
    },
  };

  /** Error 266 is reported after the batch; it does not end it. */
  #runAll(sql: string): void {
    let uneven: SqlServerError | undefined;
    for (const line of sql.split('\n')) uneven = this.run(line) ?? uneven;
    if (uneven) throw uneven;
  }

  run(line: string): SqlServerError | undefined {
    const statement = line.replace(/^IF @@TRANCOUNT > 0 /, '');
    if (statement !== line && this.depth === 0) return undefined;
    if (/^BEGIN TRAN/.test(statement)) {
      if (this.depth === 0) this.#before = this.now;
      this.depth += 1;
    } else if (/^COMMIT/.test(statement)) {
      if (this.depth === 0) throw new SqlServerError('No corresponding BEGIN TRANSACTION.', 3902, 1);
      this.depth -= 1;
    } else if (/^ROLLBACK/.test(statement)) {
      if (this.depth === 0) throw new SqlServerError('No corresponding BEGIN TRANSACTION.', 3903, 1);
      this.now = this.#before;
      this.depth = 0;
    } else if (statement.startsWith('EXEC')) {
      const entered = this.depth;
      const before = statement === 'EXEC works' ? ['INSERT before'] : [];
      for (const inner of [...before, 'BEGIN TRAN', 'INSERT inner', 'ROLLBACK']) this.run(inner);
      if (this.depth !== entered) return new SqlServerError('Transaction count after EXECUTE…', 266, 1, 'p');
    } else if (statement.startsWith('INSERT')) {
      this.now = { ...this.now, rows: [...this.now.rows, statement] };
    }
    return undefined;
  }
}

/** The rows that `sqlcmd` would leave; `undefined` if it would report an error, or end within a transaction. */
async function reference(text: string): Promise<readonly string[] | undefined> {
  const server = new Server();
  try {
    for (const { sql, count } of splitBatches('a.sql', text))
      for (let time = 0; time < count; time += 1) await server.session.batch(sql);
  } catch {
    return undefined;
  }
  return server.depth === 0 ? server.now.rows : undefined;
}

async function provisioned(text: string, said: string[] = []): Promise<Kept | string> {
  const server = new Server();
  try {
    await applyScript(script('a.sql', text), {
      session: server.session,
      database: 'Music',
      progress: (line) => said.push(line),
    });
    return server.now;
  } catch (error) {
    return (error as Error).message;
  }
}

const [begin, commit, rollback] = ['BEGIN TRANSACTION', 'COMMIT TRANSACTION', 'ROLLBACK TRANSACTION'];
const [insert, other] = ['INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (2)'];
const lines = (...all: readonly (string | undefined)[]) => all.join('\n');

test.each([
  ['what comes before a transaction that is taken back', lines(insert, begin, other, rollback), [insert]],
  [
    'what one transaction committed, when the next is taken back',
    lines(begin, insert, commit, begin, other, rollback),
    [insert],
  ],
  ['what was done in none', lines(insert, `IF @@TRANCOUNT > 0 ${rollback}`), [insert]],
  ['what an earlier repetition did', lines(insert, begin, other, rollback, 'GO 3'), [insert, insert, insert]],
  [
    'what was committed in the midst of a batch',
    lines(begin, 'GO', insert, commit, begin, other, 'GO', rollback),
    [insert],
  ],
  [
    'what a procedure begins and takes back, alone',
    lines(insert, 'GO', 'SET NOCOUNT ON;', 'EXEC p', 'GO', other),
    [insert, other],
  ],
  [
    'what a procedure does before a transaction that it takes back, when the batch says that one is taken back',
    lines(insert, 'GO', 'EXEC works', `IF @@TRANCOUNT > 0 ${rollback}`),
    [insert, 'INSERT before'],
  ],
])('%s stays as sqlcmd leaves it', async (_, text, rows) => {
  expect(await reference(text)).toEqual(rows);
  expect(await provisioned(text)).toMatchObject({ rows });
});

test.each([
  [
    'a transaction that goes on behind other work, and is taken back',
    lines(insert, begin, 'GO', other, 'GO', rollback),
    'a.sql, line 1: batch 1 does something, begins a transaction and leaves it open, and the ROLLBACK in the batch of line 6',
  ],
  [
    'a procedure that takes back, behind other work',
    lines(insert, 'EXEC p'),
    'a.sql, line 1: a procedure or text that batch 1 runs has rolled back',
  ],
])('%s is reported', async (_, text, message) => {
  expect(await provisioned(text)).toContain(message);
});

test('work that only a procedure may have lost with its transaction is reported, with how to keep it', async () => {
  const said: string[] = [];
  expect(await provisioned('EXEC works', said)).toMatchObject({ rows: [], notes: [1] });
  expect(said.join('\n')).toContain(
    'a.sql, line 1: a procedure or text that batch 1 runs has rolled back its transaction, and with it what it had done before, if ' +
      'anything. With IF @@TRANCOUNT > 0 ROLLBACK after the call, that stays.',
  );
  const quiet: string[] = [];
  await provisioned(insert, quiet);
  expect(quiet.join('\n')).not.toContain('rolled back');
});

test('a transaction that continues after other work is not reported if it is kept', async () => {
  expect(await provisioned(lines(insert, begin, 'GO', other, commit))).toEqual({
    rows: [insert, other],
    notes: [1, 2],
  });
});

test.each([
  `${insert}\n${begin}\n${other}\n${rollback}\nCOMMIT`,
  `${begin}\n${commit}\n${insert}\n${begin}\n${rollback}\nCOMMIT`,
])('a batch that fails though it is in no transaction says that part of it may be done: %j', async (text) => {
  expect(await provisioned(text)).toMatch(/3902|part of it may be done: look at what/);
  expect(await provisioned(text)).toContain('part of it may be done');
});

const statement = fc.constantFrom(
  begin,
  commit,
  rollback,
  `IF @@TRANCOUNT > 0 ${rollback}`,
  'INSERT',
  'INSERT',
  'INSERT',
  'EXEC p',
  'SET NOCOUNT ON',
  'DECLARE @n int = 1, @name nvarchar(10)',
);
const scripts = fc
  .array(fc.tuple(fc.array(statement, { minLength: 1, maxLength: 6 }), fc.constantFrom('GO', 'GO', 'GO 2')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((batches) => {
    let number = 0;
    const numbered = (line: string) => (line === 'INSERT' ? `INSERT INTO t VALUES (${++number})` : line);
    return batches.map(([own, go]) => lines(...own.map(numbered), go)).join('\n');
  });

test('whatever transactions a script begins, commits and rolls back, it leaves what sqlcmd leaves, or is reported', async () => {
  const seen = { same: 0, told: 0 };
  await fc.assert(
    fc.asyncProperty(scripts, async (text) => {
      const rows = await reference(text);
      fc.pre(rows !== undefined);
      const result = await provisioned(text);
      if (typeof result === 'string') {
        seen.told += 1;
        expect(result).toMatch(/put a GO before|SQL Server error 266/);
      } else {
        seen.same += 1;
        expect(result.rows).toEqual(rows);
        expect(result.notes).toEqual(splitBatches('a.sql', text).map((batch) => batch.number));
      }
    }),
    { numRuns: 1000 },
  );
  expect(seen.same).toBeGreaterThan(seen.told);
});

const caught = 'BEGIN CATCH\nIF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\nTHROW;\nEND CATCH';
const variables = 'SET NOCOUNT, XACT_ABORT ON;\nDECLARE @n int = -1, @t AS TABLE (n int), @s nvarchar(10)';

/**
 * In our transaction, a batch that dies or fails leaves nothing, so a batch runs without it only if it would do
 * something else within it.
 */
test.each([
  ['SELECT 1', 1, 'around', 'around'],
  [`${begin}\n${insert}\n${commit}`, 1, 'around', 'around'],
  [`${variables}\nBEGIN TRY\nBEGIN TRAN\n${insert}\nCOMMIT TRAN\nEND TRY\n${caught}`, 1, 'around', 'none'],
  [
    `BEGIN TRAN [my work] ${insert} IF @@ERROR = 0 COMMIT TRAN [my work] ELSE BEGIN ROLLBACK TRAN END`,
    1,
    'around',
    'none',
  ],
  [`BEGIN TRAN ${insert} IF @@ROWCOUNT <> 1 ROLLBACK ELSE COMMIT PRINT N'done'`, 1, 'around', 'none'],
  [`BEGIN TRAN ${insert} ROLLBACK`, 2, 'none', 'none'],
  [`${insert}; BEGIN TRAN; ${insert}; ROLLBACK`, 1, 'none', 'none'],
  [`WHILE @n < 9 BEGIN BEGIN TRAN ${insert} IF @n = 8 ROLLBACK ELSE COMMIT END`, 1, 'none', 'none'],
  [`BEGIN TRY BEGIN TRAN ${insert} COMMIT; ${insert} END TRY ${caught}`, 1, 'none', 'none'],
  [`BEGIN TRY BEGIN TRAN ${insert} COMMIT; THROW 50000, 'x', 1 END TRY ${caught}`, 1, 'none', 'none'],
  [`BEGIN TRAN ${insert} COMMIT IF @@TRANCOUNT > 0 ROLLBACK`, 1, 'none', 'none'],
  [`BEGIN TRAN ${insert} COMMIT EXEC p ROLLBACK`, 1, 'none', 'none'],
  [`${rollback}; BEGIN TRAN`, 1, 'none', 'none'],
  [`${rollback}`, 1, 'none', 'around'],
  [commit, 1, 'around', 'around'],
  [`${commit}; BEGIN TRAN`, 1, 'around', 'none'],
  ['COMMIT TRAN EXEC @p', 1, 'around', 'none'],
  [`COMMIT; ${insert}`, 1, 'around', 'none'],
  ['ALTER DATABASE music SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE', 1, 'around', 'around'],
  [`CREATE PROCEDURE p AS ${insert}; BEGIN TRAN; ROLLBACK`, 1, 'around', 'around'],
  [`SELECT 'ROLLBACK' AS [ROLLBACK] -- ROLLBACK`, 1, 'around', 'around'],
])(
  'a transaction of ours: %j, run %i times: %s; within one of the script: %s',
  (sql, count, outside, inside) => {
    const around = (within: boolean) => (needsNoneAround(sqlTokens(sql), count, within) ? 'none' : 'around');
    expect([around(false), around(true)]).toEqual([outside, inside]);
  },
);
