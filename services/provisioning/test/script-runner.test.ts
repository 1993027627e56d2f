import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applyScript } from '../src/database/apply-script.ts';
import { provisionDatabase, SqlServerError, type SqlSession } from '../src/index.ts';
import { script, startTestServer, type TestServer } from './database-server.ts';

// Many short steps, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const run = (database: string, ...texts: string[]) =>
  provisionDatabase(
    server.options(database, { scripts: texts.map((text, index) => script(`00${index + 1}.sql`, text)) }),
  );
const rows = (database: string) => server.query(database, 'SELECT n FROM t ORDER BY n');
const notes = (database: string) =>
  server.query(database, 'SELECT batch FROM provisioning.applied_batch ORDER BY batch');

test('a line that sets an option and does more is not run again', async () => {
  const batches = [
    'CREATE TABLE t (n int)',
    'SET NOCOUNT ON INSERT INTO t VALUES (1)',
    'INSERT INTO t VALEUS (2)',
  ];
  await expect(run('one-line', batches.join('\nGO\n'))).rejects.toThrow('batch 3 of 3');
  await run('one-line', batches.with(2, 'INSERT INTO t VALUES (2)').join('\nGO\n'));
  expect(await rows('one-line')).toEqual([{ n: 1 }, { n: 2 }]);
});

test.each(['\r', '\n', '\r\n'])('every batch is run, whatever ends the lines: %j', async (end) => {
  const lines = [
    '-- a comment',
    'CREATE TABLE t (n int)',
    'GO',
    '-- another',
    'INSERT INTO t VALUES (1)',
    'GO 2',
  ];
  const database = `ends-${Buffer.from(end).toString('hex')}`;
  await run(database, lines.join(end));
  expect(await rows(database)).toEqual([{ n: 1 }, { n: 1 }]);
});

test('a script in which nothing is found, or for another database, is refused before anything is made', async () => {
  for (const text of [
    '-- nothing',
    'CREATE TABLE t (n int)\nGO\nUSE [other]',
    'CREATE TABLE t (n int)\nGO\nQUIT',
  ]) {
    await expect(run('never-made', 'CREATE TABLE u (n int)', text)).rejects.toThrow('002.sql');
  }
  expect(await server.query('master', "SELECT DB_ID(N'never-made') AS id")).toEqual([{ id: null }]);
});

test('what one script sets for its session is not seen by the next', async () => {
  const first = 'CREATE TABLE t (n int IDENTITY PRIMARY KEY)\nGO\nSET IDENTITY_INSERT t ON';
  await expect(run('sessions', first, 'INSERT INTO t (n) VALUES (40)')).rejects.toThrow('002.sql, line 1');
  await run('sessions', first, 'SET IDENTITY_INSERT t ON INSERT INTO t (n) VALUES (40)');
  expect(await rows('sessions')).toEqual([{ n: 40 }]);
});

test('a batch that rolls its own transaction back is applied, once', async () => {
  const batches = [
    'CREATE TABLE t (n int)',
    'BEGIN TRANSACTION\nINSERT INTO t VALUES (1)\nIF @@ROWCOUNT <> 15 ROLLBACK TRANSACTION',
    'INSERT INTO t VALUES (2)',
  ];
  await run('rolls-back', batches.join('\nGO\n'));
  await run('rolls-back', [...batches, 'INSERT INTO t VALUES (3)'].join('\nGO\n'));
  expect(await rows('rolls-back')).toEqual([{ n: 2 }, { n: 3 }]);
  expect(await notes('rolls-back')).toHaveLength(4);
});

test('a transaction over several batches that is rolled back on purpose is not begun again later', async () => {
  const batches = [
    'CREATE TABLE t (n int)',
    'BEGIN TRANSACTION',
    'INSERT INTO t VALUES (1)',
    'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION',
    'INSERT INTO t VALUES (2)',
  ];
  await run('taken-back', batches.join('\nGO\n'));
  expect(await notes('taken-back')).toHaveLength(5);
  await run('taken-back', [...batches, 'INSERT INTO t VALUES (3)'].join('\nGO\n'));
  expect(await rows('taken-back')).toEqual([{ n: 2 }, { n: 3 }]);
});

test('a COMMIT for whatever may be open is no error', async () => {
  await run(
    'commits',
    'CREATE TABLE t (n int)\nGO\nINSERT INTO t VALUES (1)\nIF @@TRANCOUNT > 0 COMMIT TRANSACTION',
  );
  expect(await rows('commits')).toEqual([{ n: 1 }]);
  expect(await notes('commits')).toHaveLength(2);
});

test('a batch that fails behind its own COMMIT is not taken for applied, and that is told', async () => {
  const text =
    'CREATE TABLE t (n int PRIMARY KEY)\nGO\nINSERT INTO t VALUES (1)\nCOMMIT\nINSERT INTO t VALUES (1)';
  await expect(run('partly', text)).rejects.toThrow(
    /^001.sql, line 5, batch 2 of 2: .* part of it is done: look at what, before it is run again. \(SQL Server error 2627\)/,
  );
  expect(await notes('partly')).toHaveLength(1);
});

/** A session in memory: `answer` may refuse a batch. Which batches it notes, and how deep its transactions are, it knows. */
function memorySession(answer: (sql: string, inTransaction: boolean) => void) {
  let depth = 0;
  let noted: number[] = [];
  let kept: number[] = [];
  const ran: string[] = [];
  let asleep = false;
  const session: SqlSession = {
    close() {},
    async batch(sql) {
      if (asleep) return [];
      if (sql === 'BEGIN TRANSACTION') depth += 1;
      else if (sql === 'COMMIT TRANSACTION') depth -= 1;
      else if (/^(IF @@TRANCOUNT > 0 )?ROLLBACK/.test(sql)) [depth, noted] = [0, [...kept]];
      else if (sql.includes('@@TRANCOUNT')) return [{ depth }];
      else if (sql === 'SELECT 1 AS [answer]') return [{ answer: 1 }];
      else if (sql.startsWith('SELECT [batch]')) return noted.map((batch) => ({ batch, sha256: '' }));
      else if (sql.startsWith('INSERT INTO [provisioning].[applied_batch]'))
        noted.push(Number(/VALUES \(N'[^']*', (\d+),/.exec(sql)?.[1]));
      else if (!sql.includes('[provisioning]')) {
        ran.push(sql);
        asleep = sql.includes('NOEXEC ON');
        answer(sql, depth > 0);
      }
      if (depth === 0) kept = [...noted];
      return [];
    },
  };
  return { session, ran, notes: () => kept };
}

const applied = (session: SqlSession, text: string) =>
  applyScript(script('a.sql', text), { session, database: 'Music', progress: () => {} });

test.each([226, 574, 3021, 3930, 6115, 12331, 15002, 41368])(
  'what the server does in no transaction (error %d) is run without one',
  async (number) => {
    const memory = memorySession((sql, inTransaction) => {
      if (sql === 'x' && inTransaction) throw new SqlServerError('Not in a transaction.', number, 1);
    });
    await applied(memory.session, 'x\nGO\ny');
    expect(memory.ran).toEqual(['x', 'x', 'y']);
    expect(memory.notes()).toEqual([1, 2]);
  },
);

test('it is not when the transaction is one of the script’s own, over several batches', async () => {
  const memory = memorySession((sql, inTransaction) => {
    if (sql === 'x' && inTransaction) throw new SqlServerError('Not in a transaction.', 226, 1);
  });
  await memory.session.batch('BEGIN TRANSACTION');
  await expect(applied(memory.session, 'x')).rejects.toThrow(
    'a.sql, line 1, batch 1 of 1: Not in a transaction.',
  );
  expect(memory.ran).toEqual(['x']);
});

test('a script that switches off that statements are run is told, and not taken for applied', async () => {
  const memory = memorySession(() => {});
  await expect(applied(memory.session, 'x\nGO\nIF 1 = 1 SET NOEXEC ON\nGO\ny')).rejects.toThrow(
    /batch in line 3 has switched off that statements are run/,
  );
  expect(memory.ran).not.toContain('y');
  expect(memory.notes()).toEqual([1]);
});

test.each([
  [
    'in the batch',
    'x\nGO\n\ny\nz',
    new SqlServerError('No.', 1, 2),
    'a.sql, line 5, batch 2 of 2: No. (SQL Server error 1)',
  ],
  [
    'in a procedure that it calls',
    'x\nGO\ny',
    new SqlServerError('No.', 1, 40, 'dbo.p'),
    'a.sql, line 3, batch 2 of 2: No. (line 40 of dbo.p, SQL Server error 1)',
  ],
  [
    'in a procedure that it makes',
    'x\nGO\n-- y\nCREATE PROCEDURE [dbo].[p]\nAS y',
    new SqlServerError('No.', 1, 3, 'p'),
    'a.sql, line 5, batch 2 of 2: No. (SQL Server error 1)',
  ],
  [
    'nowhere',
    'x\nGO\ny',
    new SqlServerError('No.', 1, 0),
    'a.sql, line 3, batch 2 of 2: No. (SQL Server error 1)',
  ],
  [
    'in a text that it runs',
    "x\nGO\ny\nEXEC(N'a\nb')",
    new SqlServerError('No.', 1, 2),
    'a.sql, line 3, batch 2 of 2: No. (line 2 of the batch or of a text that it runs, SQL Server error 1)',
  ],
  [
    'of a temporary table of an earlier session',
    'x\nGO\ny',
    new SqlServerError("Invalid object name '#t'.", 208, 1),
    'a temporary table ends with the session: make it in the batch that uses it',
  ],
])('an error %s is told where it is', async (_, text, error, message) => {
  const memory = memorySession((sql) => {
    if (sql.includes('y')) throw error;
  });
  await expect(applied(memory.session, text)).rejects.toThrow(message);
});
