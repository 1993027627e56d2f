import { ProvisioningError } from '../provisioning-error.ts';
import { appliedBatches, forgetBatch, recordBatch } from './applied-batches.ts';
import { maySwitchExecutionOff } from './batch-kind.ts';
import type { Batch } from './split-batches.ts';
import { SqlServerError, type SqlSession, unevenTransactions } from './sql-session.ts';

/**
 * Errors of statements and procedures that do not run inside a transaction: ALTER DATABASE, full-text indexes (226, 574),
 * some system procedures (15002), BACKUP and RESTORE (3021), KILL (6115), DBCC SHRINKFILE (8920), memory-optimized tables
 * (12331, 41368), and of what only our transaction makes an error: writing after a caught error that has doomed it (3930),
 * or ending the batch after one (3998), isolation by snapshots that begins within it (3951), and rolling a transaction back
 * by its name, which the outermost alone has (6401).
 */
const needsNoTransaction = new Set([226, 574, 3021, 3930, 3951, 3998, 6115, 6401, 8920, 12331, 15002, 41368]);
const duplicateKey = new Set([2601, 2627]);

/**
 * Runs a batch and notes that it was applied, in one transaction: whatever dies in between, it is applied once. A batch
 * that cannot run in a transaction, or that ends the one it runs in, is noted after it; dying right between the two runs
 * it a second time.
 *
 * @param before the batches of the script before this one, which are applied
 * @throws SqlServerError when the batch fails: it has left nothing behind, unless it ended the transaction itself
 */
export async function runBatch(
  session: SqlSession,
  script: string,
  batch: Batch,
  before: readonly Batch[],
): Promise<void> {
  await session.batch('BEGIN TRANSACTION');
  const own = (await depth(session)) <= 1;
  try {
    await recordBatch(session, script, batch);
  } catch (error) {
    await rollBack(session, error);
    // Another run has this batch: it waited for that one's commit before it was refused.
    if (duplicateKey.has((error as SqlServerError).number)) return;
    throw error;
  }
  try {
    await repeat(session, batch, own);
    await refuseIdleSession(session, batch);
    if ((await depth(session)) === 0) return await recordMissing(session, script, [...before, batch]);
    await session.batch('COMMIT TRANSACTION');
  } catch (error) {
    await rollBack(session, error);
    if ((await appliedBatches(session, script)).has(batch.number)) {
      await forgetBatch(session, script, batch);
      throw partlyDone(error as SqlServerError);
    }
    // A transaction of the script's own has taken its earlier batches back with it.
    if (!own || !needsNoTransaction.has((error as SqlServerError).number)) throw error;
    await repeat(session, batch);
    await recordBatch(session, script, batch);
  }
}

/** How many transactions are open, one within another. */
export async function depth(session: SqlSession): Promise<number> {
  const [row] = await session.batch('SELECT @@TRANCOUNT AS [depth]');
  return Number(row?.depth ?? 1);
}

/**
 * The batch ended the transaction that its note was in: by COMMIT the note is kept, by ROLLBACK it is gone, and with it
 * those of the batches since the script's own BEGIN TRANSACTION. They were run, as the script has it.
 */
async function recordMissing(session: SqlSession, script: string, batches: readonly Batch[]): Promise<void> {
  const known = await appliedBatches(session, script);
  for (const batch of batches) if (!known.has(batch.number)) await recordBatch(session, script, batch);
}

/** The batch had written COMMIT for a transaction that it did not begin: what it did before that stays. */
function partlyDone({ message, number, line, procedure }: SqlServerError): SqlServerError {
  return new SqlServerError(
    `${message.trim()} The batch had ended the transaction that it ran in, so part of it is done: look at what, before it ` +
      'is run again.',
    number,
    line,
    procedure,
  );
}

/** @throws the error itself when it is not the server's: the connection, and with it the transaction, is gone. */
async function rollBack(session: SqlSession, error: unknown): Promise<void> {
  if (!(error instanceof SqlServerError)) throw error;
  await session.batch('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
}

/** @param within whether it runs in a transaction of ours, which the script does not know of */
async function repeat(session: SqlSession, { sql, count }: Batch, within = false): Promise<void> {
  for (let time = 0; time < count; time += 1) {
    try {
      await session.batch(sql);
    } catch (error) {
      const uneven = error instanceof SqlServerError && error.number === unevenTransactions;
      if (!(within && uneven && (await depth(session)) === 0)) throw error;
    }
  }
}

/** After `SET NOEXEC ON` the server takes everything and runs nothing: not this batch's note either. */
async function refuseIdleSession(session: SqlSession, { sql, line }: Batch): Promise<void> {
  if (!maySwitchExecutionOff(sql)) return;
  const rows = await session.batch('SELECT 1 AS [answer]');
  if (rows.length > 0) return;
  throw new ProvisioningError(
    `The batch in line ${line} has switched off that statements are run (SET NOEXEC, PARSEONLY, FMTONLY or SHOWPLAN): ` +
      'nothing of it is kept; look at what led to that.',
  );
}
