import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyScript } from '../src/database/apply-script.ts';
import { splitBatches } from '../src/database/split-batches.ts';
import { provisionDatabase, SqlServerError, type SqlSession } from '../src/index.ts';
import { script, startTestServer, type TestServer } from './database-server.ts';

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

test('a script without statements, or for another database, is refused before anything is made', async () => {
  for (const text of [
    '-- nothing',
    ';',
    '/* nothing */ ;\nGO\n;; -- more of it',
    'CREATE TABLE t (n int)\nGO\nUSE [other]',
    'CREATE TABLE t (n int)\nGO\nQUIT',
  ]) {
    await expect(run('never-made', 'CREATE TABLE u (n int)', text)).rejects.toThrow('002.sql');
  }
  expect(await server.query('master', "SELECT DB_ID(N'never-made') AS id")).toEqual([{ id: null }]);
});

describe('a script that spells the name of the database with different case', () => {
  const scripts = (database: string) => [
    script(
      '001.sql',
      `CREATE TABLE t (n int)\nGO\nUSE [${database.toUpperCase()}]\nGO\nINSERT INTO t VALUES (1)`,
    ),
  ];

  test('is for that database if the server says so', async () => {
    await provisionDatabase(server.options('letters', { scripts: scripts('letters') }));
    expect(await rows('letters')).toEqual([{ n: 1 }]);
  });

  // The stand-in's collation ignores case, so the answers of a case-sensitive one replace its comparisons.
  test('is for another one if the server is case-sensitive, and nothing is made', async () => {
    const asked: string[] = [];
    const connect = async (...credentials: Parameters<typeof server.connect>) => {
      const session = await server.connect(...credentials);
      const batch: SqlSession['batch'] = async (sql, ...rest) => {
        const [, one, other] = /^SELECT CASE WHEN (N'.*') = (N'.*') THEN 1/.exec(sql) ?? [];
        asked.push(sql);
        return one === undefined ? session.batch(sql, ...rest) : [{ same: one === other ? 1 : 0 }];
      };
      return { ...session, batch, close: () => session.close() };
    };
    await expect(
      provisionDatabase(server.options('cased', { connect, scripts: scripts('cased') })),
    ).rejects.toThrow(
      '001.sql, line 3: the database is configured as cased, but on this server, which tells upper',
    );
    // The names are compared by the collation of the session's database.
    expect(asked.slice(0, 2)).toEqual(['USE [master]', expect.stringContaining("N'CASED' = N'cased'")]);
    expect(await server.query('master', "SELECT DB_ID(N'cased') AS id")).toEqual([{ id: null }]);
    await provisionDatabase(server.options('cased', { connect, scripts: [script('001.sql', 'USE cased')] }));
  });
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

test('a transaction over several batches that is rolled back on purpose is not run again later', async () => {
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

test('a COMMIT of a transaction that may not be open is not an error', async () => {
  await run(
    'commits',
    'CREATE TABLE t (n int)\nGO\nINSERT INTO t VALUES (1)\nIF @@TRANCOUNT > 0 COMMIT TRANSACTION',
  );
  expect(await rows('commits')).toEqual([{ n: 1 }]);
  expect(await notes('commits')).toHaveLength(2);
});

test('a batch that fails after its own COMMIT does not count as applied, and that is reported', async () => {
  const text =
    'CREATE TABLE t (n int PRIMARY KEY)\nGO\nINSERT INTO t VALUES (1)\nCOMMIT\nINSERT INTO t VALUES (1)';
  await expect(run('partly', text)).rejects.toThrow(
    /^001.sql, line 5, batch 2 of 2: .* part of it is done: check what was done before it is run again. \(SQL Server error 2627\)/,
  );
  expect(await notes('partly')).toHaveLength(1);
});

/** The records after the given one, a few at a time, as for a script that sets ROWCOUNT. */
function page(noted: readonly number[], sql: string) {
  const last = Number(/\[batch\] > (\d+)/.exec(sql)?.[1]);
  const rest = noted.filter((batch) => batch > last).sort((a, b) => a - b);
  return rest.slice(0, 2).map((batch) => ({ batch, sha256: '' }));
}

/**
 * A session in memory that keeps the recorded batches and the depth of its transactions; `answer` may refuse a batch.
 */
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
      else if (sql.startsWith('SELECT [batch]')) return page(noted, sql);
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

test.each([226, 574, 3021, 3930, 3951, 3998, 6115, 6401, 8920, 12331, 15002, 41368])(
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

test('a procedure that rolls back the transaction it began rolls back ours, too: the batch is run once', async () => {
  const memory = memorySession(() => {});
  const { batch } = memory.session;
  memory.session.batch = async (sql) => {
    const rows = await batch(sql);
    if (sql !== 'EXEC p') return rows;
    await batch('ROLLBACK TRANSACTION');
    throw new SqlServerError('Transaction count after EXECUTE…', 266, 1, 'p');
  };
  await applied(memory.session, 'x\nGO\nEXEC p\nGO\ny');
  expect(memory.ran).toEqual(['x', 'EXEC p', 'y']);
  expect(memory.notes().sort()).toEqual([1, 2, 3]);
});

test('a procedure that leaves a transaction open fails, as with sqlcmd', async () => {
  const memory = memorySession((sql) => {
    if (sql === 'EXEC p') throw new SqlServerError('Transaction count after EXECUTE…', 266, 1, 'p');
  });
  await expect(applied(memory.session, 'x\nGO\nEXEC p')).rejects.toThrow('SQL Server error 266');
});

test('whatever ROWCOUNT a script sets, each of its batches is recorded once', async () => {
  const memory = memorySession((sql) => {
    if (sql === 'z') void memory.session.batch('ROLLBACK TRANSACTION');
  });
  await applied(memory.session, 'SET ROWCOUNT 2\nGO\nw\nGO\nx\nGO\ny\nGO\nz');
  expect(memory.notes()).toEqual([1, 2, 3, 4, 5]);
});

/** A session in which the first `count` batches of a script are recorded. */
async function resumed(text: string, count: number, answer: (sql: string) => void) {
  const batches = splitBatches('a.sql', text);
  const memory = memorySession(answer);
  const { batch } = memory.session;
  let asked = false;
  memory.session.batch = async (sql) => {
    if (asked || !sql.startsWith('SELECT [batch]')) return await batch(sql);
    asked = /> [1-9]/.test(sql);
    return asked ? [] : batches.slice(0, count).map(({ number, sha256 }) => ({ batch: number, sha256 }));
  };
  const said: string[] = [];
  const progress = (line: string) => said.push(line);
  await applyScript(script('a.sql', text), { session: memory.session, database: 'Music', progress });
  return { ran: memory.ran, said };
}

test('of the tables that took explicit identities, only the last one is set again', async () => {
  const batches = [
    'SET IDENTITY_INSERT a ON',
    'INSERT a (n) VALUES (1)',
    'INSERT a (n) VALUES (2) SET IDENTITY_INSERT a OFF',
    'SET NOCOUNT ON; SET ANSI_NULLS ON',
    'SET IDENTITY_INSERT b ON',
    'INSERT b (n) VALUES (1)',
  ];
  const { ran } = await resumed(batches.join('\nGO\n'), 5, () => {});
  expect(ran).toEqual([batches[3], batches[4], batches[5]]);
});

test.each([
  [
    "SET DATEFORMAT dmy INSERT t VALUES ('01/02/2026') SET LOCK_TIMEOUT -1",
    ['SET DATEFORMAT dmy', 'SET LOCK_TIMEOUT -1'],
  ],
  ["SET LANGUAGE N'it''s'; DELETE t", ["SET LANGUAGE N'it''s'"]],
  ['DELETE t SET IDENTITY_INSERT dbo.[a]]b] ON', ['SET IDENTITY_INSERT dbo . [a]]b] ON']],
  [
    'SET ANSI_NULLS, QUOTED_IDENTIFIER OFF;\nCREATE TABLE t (n int)',
    ['SET ANSI_NULLS , QUOTED_IDENTIFIER OFF'],
  ],
  ['ALTER DATABASE music SET ANSI_NULLS ON', []],
  ['ALTER DATABASE CURRENT SET ANSI_NULLS ON', []],
  ['IF 1 = 2 SET DATEFORMAT dmy', []],
  ['CREATE PROCEDURE p AS SET DATEFORMAT dmy', []],
  ['UPDATE t SET language = 1, rowcount = 5', []],
  ["SELECT 'SET NOCOUNT ON' AS [SET NOCOUNT ON] -- SET NOCOUNT ON", []],
])('of %j, which does more than set options, only the options are set again: %j', async (batch, again) => {
  const { ran } = await resumed(`${batch}\nGO\ny`, 1, () => {});
  expect(ran).toEqual([...again, 'y']);
});

test('a setting for a table that no longer exists does not stop the rest', async () => {
  const text = 'SET IDENTITY_INSERT a ON\nGO\nDROP TABLE a\nGO\ny';
  const { ran, said } = await resumed(text, 2, (sql) => {
    if (sql.includes('a ON')) throw new SqlServerError('Cannot find the object "a".', 1088, 1);
  });
  expect(ran).toEqual(['SET IDENTITY_INSERT a ON', 'y']);
  expect(said[0]).toBe('a.sql, line 1: cannot be set again (Cannot find the object "a".)');
});

test('a batch that exceeds the time limit is reported with its place', async () => {
  const memory = memorySession((sql) => {
    if (sql === 'y')
      throw Object.assign(new Error('Timeout: Request failed to complete in 600000ms'), { code: 'ETIMEOUT' });
  });
  await expect(applied(memory.session, 'x\nGO\n\ny')).rejects.toThrow(
    /^a.sql, line 4, batch 2 of 2: SQL Server did not finish it within ten minutes.* split it into smaller batches/,
  );
});

test('a script that switches execution off is reported, and does not count as applied', async () => {
  const memory = memorySession(() => {});
  await expect(applied(memory.session, 'x\nGO\nIF 1 = 1 SET NOEXEC ON\nGO\ny')).rejects.toThrow(
    /batch in line 3 has switched off the execution of statements/,
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
    'in a procedure that it makes, with a point in its name',
    'x\nGO\n-- y\nCREATE PROCEDURE [dbo].[load.all]\nAS y',
    new SqlServerError('No.', 1, 3, 'load.all'),
    'a.sql, line 5, batch 2 of 2: No. (SQL Server error 1)',
  ],
  [
    'in a text that it runs by a procedure in brackets',
    "x\nGO\ny\nEXEC [sys].[sp_executesql] N'a\nb'",
    new SqlServerError('No.', 1, 2),
    'a.sql, line 3, batch 2 of 2: No. (line 2 of the batch or of a text that it runs, SQL Server error 1)',
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
])('an error %s is reported with its place', async (_, text, error, message) => {
  const memory = memorySession((sql) => {
    if (sql.includes('y')) throw error;
  });
  await expect(applied(memory.session, text)).rejects.toThrow(message);
});
