import type { Progress } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { appliedBatches, forgetBatch, recordBatch } from './applied-batches.ts';
import { maySwitchExecutionOff } from './batch-kind.ts';
import { beginsWithTransaction, callsFirst, needsNoneAround, takesBack } from './own-transactions.ts';
import type { Batch } from './split-batches.ts';
import { type SqlToken, sqlTokens } from './sql-lexer.ts';
import { SqlServerError, type SqlSession, unevenTransactions } from './sql-session.ts';

/**
 * Errors of statements and procedures that do not run inside a transaction: ALTER DATABASE, full-text indexes (226,
 * 574), some system procedures (15002), BACKUP and RESTORE (3021), KILL (6115), DBCC SHRINKFILE (8920),
 * memory-optimized tables (12331, 41368). Also errors that occur only because of our transaction: writing after a
 * caught error that doomed it (3930) or ending the batch after one (3998), snapshot isolation that begins within it
 * (3951), and rolling a transaction back by its name, which only the outermost one has (6401).
 */
const needsNoTransaction = new Set([226, 574, 3021, 3930, 3951, 3998, 6115, 6401, 8920, 12331, 15002, 41368]);
const duplicateKey = new Set([2601, 2627]);

/**
 * Runs a batch and records that it was applied, in one transaction, so that it is applied once even if the process dies
 * in between. A batch that cannot run in a transaction, or that ends the one it runs in, is recorded after it. If the
 * process dies between these two, the batch runs a second time.
 *
 * @param batches all batches of the script; those before this one are applied
 * @param progress is told what may be lost with a transaction that was rolled back by code that the batch calls
 * @throws SqlServerError if the batch fails: it has left nothing behind, unless it ended the transaction itself
 */
export async function runBatch(
  session: SqlSession,
  script: string,
  batch: Batch,
  batches: readonly Batch[],
  progress: Progress,
): Promise<void> {
  const tokens = sqlTokens(batch.sql);
  const own = (await depth(session)) === 0;
  const known = batches.slice(0, batch.number);
  if (needsNoneAround(tokens, batch.count, !own))
    return await runAlone(session, script, batch, { own, known });
  await session.batch('BEGIN TRANSACTION');
  try {
    await recordBatch(session, script, batch);
  } catch (error) {
    await rollBack(session, error);
    // Another run has applied this batch: the server refused the row only after that run's commit.
    if (duplicateKey.has((error as SqlServerError).number)) return;
    throw error;
  }
  try {
    await repeat(session, batch, own);
    await refuseIdleSession(session, batch);
    const open = await depth(session);
    if (open === 0) {
      if (own) await tellLoss(session, script, batch, tokens, progress);
      return await recordMissing(session, script, known);
    }
    if (own && open > 1 && !beginsWithTransaction(tokens, batch.count)) {
      await refuseLaterLoss(session, script, batch, batches);
    }
    await session.batch('COMMIT TRANSACTION');
  } catch (error) {
    await rollBack(session, error);
    if ((await appliedBatches(session, script)).has(batch.number)) {
      await forgetBatch(session, script, batch);
      throw partlyDone(
        error as SqlServerError,
        'The batch had ended the transaction that it ran in, so part of it is done',
      );
    }
    // If the transaction was the script's own, its earlier batches were rolled back as well.
    if (!own || !needsNoTransaction.has((error as SqlServerError).number)) throw error;
    await repeat(session, batch);
    await recordBatch(session, script, batch);
  }
}

/** Runs a batch that would do something else within our transaction. */
async function runAlone(
  session: SqlSession,
  script: string,
  batch: Batch,
  { own, known }: { readonly own: boolean; readonly known: readonly Batch[] },
): Promise<void> {
  try {
    await repeat(session, batch);
    await refuseIdleSession(session, batch);
  } catch (error) {
    await rollBack(session, error);
    if (!own) throw error;
    throw partlyDone(
      error as SqlServerError,
      'The batch rolls transactions back and does more, so part of it may be done',
    );
  }
  await recordMissing(session, script, known);
}

/**
 * Reports that code which the batch called rolled back the transaction around it, of which the script does not know.
 *
 * @throws ProvisioningError if the batch itself had done something before the call
 */
async function tellLoss(
  session: SqlSession,
  script: string,
  { number, line }: Batch,
  tokens: readonly SqlToken[],
  progress: Progress,
): Promise<void> {
  if (takesBack(tokens) || (await appliedBatches(session, script)).has(number)) return;
  const what = `${script}, line ${line}: a procedure or text that batch ${number} runs has rolled back its transaction, and with it what `;
  if (callsFirst(tokens)) {
    progress(
      `${what}it had done before, if anything. With IF @@TRANCOUNT > 0 ROLLBACK after the call, that stays.`,
    );
    return;
  }
  throw new ProvisioningError(
    `${what}the batch had done before; what it did after that is done. Check what was done, and put a GO before the call.`,
  );
}

/** Refuses a batch if a later one would roll back more than the transaction that this one leaves open. */
async function refuseLaterLoss(
  session: SqlSession,
  script: string,
  { number, line }: Batch,
  batches: readonly Batch[],
): Promise<void> {
  const later = batches.slice(number).find(({ sql }) => takesBack(sqlTokens(sql)));
  if (!later) return;
  await session.batch('ROLLBACK TRANSACTION');
  throw new ProvisioningError(
    `${script}, line ${line}: batch ${number} does something, begins a transaction and leaves it open, and the ROLLBACK in the ` +
      `batch of line ${later.line} would roll back both: put a GO before its BEGIN TRANSACTION. The batch was not applied.`,
  );
}

/** How many transactions are open, nested in one another. */
export async function depth(session: SqlSession): Promise<number> {
  const [row] = await session.batch('SELECT @@TRANCOUNT AS [depth]');
  return Number(row?.depth ?? 1);
}

/**
 * Records the batches that have no record. The batch ended the transaction that its record was in: COMMIT kept the
 * record, ROLLBACK removed it, and with it those of the batches since the script's own BEGIN TRANSACTION. They were
 * run, as the script wants it.
 */
async function recordMissing(session: SqlSession, script: string, batches: readonly Batch[]): Promise<void> {
  const known = await appliedBatches(session, script);
  for (const batch of batches) if (!known.has(batch.number)) await recordBatch(session, script, batch);
}

/**
 * An error whose batch has left something behind, for example by its own COMMIT of a transaction that it did not begin.
 */
function partlyDone({ message, number, line, procedure }: SqlServerError, why: string): SqlServerError {
  return new SqlServerError(
    `${message.trim()} ${why}: check what was done before it is run again.`,
    number,
    line,
    procedure,
  );
}

/**
 * @throws the error itself if it is not the server's, because then the connection, and the transaction with it, is
 *   gone.
 */
async function rollBack(session: SqlSession, error: unknown): Promise<void> {
  if (!(error instanceof SqlServerError)) throw error;
  await session.batch('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
}

/** @param within whether it runs in our transaction, of which the script does not know */
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

/**
 * After `SET NOEXEC ON` the server accepts everything and runs nothing, so this batch's record is not written either.
 */
async function refuseIdleSession(session: SqlSession, { sql, line }: Batch): Promise<void> {
  if (!maySwitchExecutionOff(sql)) return;
  // With SHOWPLAN, the server returns a plan instead of this row.
  const [row] = await session.batch('SELECT 1 AS [answer]');
  if (row?.answer === 1) return;
  throw new ProvisioningError(
    `The batch in line ${line} has switched off the execution of statements (SET NOEXEC, PARSEONLY, FMTONLY or SHOWPLAN): ` +
      'nothing of it is kept; find out what led to that.',
  );
}
