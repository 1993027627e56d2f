import type { Progress } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { appliedBatches, forgetBatch, recordBatch } from './applied-batches.ts';
import { maySwitchExecutionOff } from './batch-kind.ts';
import { beginsWithTransaction, callsFirst, needsNoneAround, takesBack } from './own-transactions.ts';
import type { Batch } from './split-batches.ts';
import { type SqlToken, sqlTokens } from './sql-lexer.ts';
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
 * @param batches all of the script; those before this one are applied
 * @param progress hears of what may be lost with a transaction that the batch did not take back in so many words
 * @throws SqlServerError when the batch fails: it has left nothing behind, unless it ended the transaction itself
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
    // Another run has this batch: it waited for that one's commit before it was refused.
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
    // A transaction of the script's own has taken its earlier batches back with it.
    if (!own || !needsNoTransaction.has((error as SqlServerError).number)) throw error;
    await repeat(session, batch);
    await recordBatch(session, script, batch);
  }
}

/** Runs a batch that would do something else within a transaction of ours. */
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
      'The batch takes transactions back and does more, so part of it may be done',
    );
  }
  await recordMissing(session, script, known);
}

/**
 * What the batch has called took back the transaction around it, which the script does not know of.
 *
 * @throws ProvisioningError when the batch itself had done something before the call
 */
async function tellLoss(
  session: SqlSession,
  script: string,
  { number, line }: Batch,
  tokens: readonly SqlToken[],
  progress: Progress,
): Promise<void> {
  if (takesBack(tokens) || (await appliedBatches(session, script)).has(number)) return;
  const what = `${script}, line ${line}: a procedure or text that batch ${number} runs has taken back its transaction, and with it what `;
  if (callsFirst(tokens)) {
    progress(
      `${what}it had done before, if anything. With IF @@TRANCOUNT > 0 ROLLBACK behind the call, that stays.`,
    );
    return;
  }
  throw new ProvisioningError(
    `${what}the batch had done before; what it did after that is done. Look at what, and put a GO before the call.`,
  );
}

/** A later batch would take back more than the transaction that this one leaves open. */
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
      `batch of line ${later.line} would take back both: put a GO before its BEGIN TRANSACTION. Nothing of the batch is done.`,
  );
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

/** Something of the batch stays: after its own COMMIT, say, for a transaction that it did not begin. */
function partlyDone({ message, number, line, procedure }: SqlServerError, why: string): SqlServerError {
  return new SqlServerError(
    `${message.trim()} ${why}: look at what, before it is run again.`,
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
  // A plan is no answer.
  const [row] = await session.batch('SELECT 1 AS [answer]');
  if (row?.answer === 1) return;
  throw new ProvisioningError(
    `The batch in line ${line} has switched off that statements are run (SET NOEXEC, PARSEONLY, FMTONLY or SHOWPLAN): ` +
      'nothing of it is kept; look at what led to that.',
  );
}
