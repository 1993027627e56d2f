import type { Progress } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { appliedBatches, appliedScript, recordBatch, recordScript } from './applied-batches.ts';
import { batchKind, setsSessionOnly } from './batch-kind.ts';
import type { Script } from './script.ts';
import { type Batch, splitBatches } from './split-batches.ts';
import { SqlServerError, type SqlSession } from './sql-session.ts';

export interface ApplyOptions {
  readonly session: SqlSession;
  /** The database that the session is in. */
  readonly database: string;
  readonly progress: Progress;
}

/** Errors of statements and procedures that do not run inside a transaction (ALTER DATABASE, full-text indexes, …). */
const needsNoTransaction = new Set([226, 574, 15002]);
const duplicateKey = new Set([2601, 2627]);

/**
 * Applies what was not yet applied of a script, batch by batch. A batch and the note that it was applied are one
 * transaction: whatever dies in between, it is applied once. What was applied stays as it is: a script may grow at its
 * end, or be mended behind its last applied batch, and goes on there.
 *
 * @throws ProvisioningError naming file, line, batch and the server's message
 */
export async function applyScript(script: Script, options: ApplyOptions): Promise<void> {
  const { session, progress } = options;
  const { name, text, sha256 } = script;
  if ((await appliedScript(session, name)) === sha256) {
    progress(`${name} was applied before.`);
    return;
  }
  const batches = splitBatches(name, text);
  const applied = await appliedBatches(session, name);
  refuseChanges(name, batches, applied);
  const missing = batches.filter(({ number }) => !applied.has(number));
  await restoreSession(session, batches.slice(0, (missing[0]?.number ?? 1) - 1));
  for (const batch of missing) {
    await applyBatch(name, batch, batches.length, options);
    progress(`${name}: batch ${batch.number} of ${batches.length}`);
  }
  await refuseOpenTransaction(session, name);
  await recordScript(session, name, sha256);
  progress(`${name} is applied: ${missing.length} of ${batches.length} batches were new.`);
}

/** What a script set for its session (`SET IDENTITY_INSERT … ON`) ended with the session that an earlier run had. */
async function restoreSession(session: SqlSession, applied: readonly Batch[]): Promise<void> {
  for (const { sql } of applied) if (setsSessionOnly(sql)) await session.batch(sql);
}

/** A transaction that the script began and did not end would take everything with it when the connection closes. */
async function refuseOpenTransaction(session: SqlSession, name: string): Promise<void> {
  const [row] = await session.batch('SELECT @@TRANCOUNT AS [depth]');
  if (Number(row?.depth) === 0) return;
  await session.batch('ROLLBACK TRANSACTION');
  throw new ProvisioningError(
    `${name} ends within a transaction that it began, so the batches since then are rolled back: write COMMIT ` +
      'TRANSACTION at its end.',
  );
}

function refuseChanges(name: string, batches: readonly Batch[], applied: ReadonlyMap<number, string>): void {
  for (const [number, sha256] of applied) {
    const batch = batches[number - 1];
    if (batch?.sha256 === sha256) continue;
    throw new ProvisioningError(
      batch
        ? `${name}, line ${batch.line}: batch ${number} was changed after it had been applied: put it back, and write ` +
            'the change as a new script, or at the end of this one.'
        : `${name} has ${batches.length} batches, but ${applied.size} of it had been applied: put the missing ones back.`,
    );
  }
}

async function applyBatch(name: string, batch: Batch, total: number, options: ApplyOptions): Promise<void> {
  const { session, database, progress } = options;
  const kind = batchKind(batch.sql, database);
  if (kind.kind === 'refused') throw new ProvisioningError(`${name}, line ${batch.line}: ${kind.reason}`);
  if (kind.kind === 'left-out') {
    progress(`${name}, line ${batch.line}: left out, ${kind.reason}`);
    await recordBatch(session, name, batch);
    return;
  }
  try {
    await inTransaction(session, name, batch);
  } catch (error) {
    if (!(error instanceof SqlServerError)) throw error;
    const line = batch.line + error.line - 1;
    // Fewer than those before it, when the script had begun a transaction of its own.
    const applied = (await appliedBatches(session, name)).size;
    const known =
      applied === batch.number - 1
        ? `the ${applied} batches before it are applied, and the next run goes on from this one`
        : `${applied} batches are applied, the others were rolled back, and the next run goes on after those`;
    throw new ProvisioningError(
      `${name}, line ${line}, batch ${batch.number} of ${total}: ${error.message.trim()} (SQL Server error ` +
        `${error.number}); ${known}.`,
      { cause: error },
    );
  }
}

async function inTransaction(session: SqlSession, name: string, batch: Batch): Promise<void> {
  await session.batch('BEGIN TRANSACTION');
  try {
    await recordBatch(session, name, batch);
  } catch (error) {
    await rollBack(session, error);
    // Another run has this batch: it waited for that one's commit before it was refused.
    if (duplicateKey.has((error as SqlServerError).number)) return;
    throw error;
  }
  try {
    await run(session, batch);
    await session.batch('COMMIT TRANSACTION');
  } catch (error) {
    await rollBack(session, error);
    if (!needsNoTransaction.has((error as SqlServerError).number)) throw error;
    // Dying between these two runs it a second time, which such statements refuse or do not mind.
    await run(session, batch);
    await recordBatch(session, name, batch);
  }
}

/** @throws the error itself when it is not the server's: the connection, and with it the transaction, is gone. */
async function rollBack(session: SqlSession, error: unknown): Promise<void> {
  if (!(error instanceof SqlServerError)) throw error;
  await session.batch('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
}

async function run(session: SqlSession, { sql, count }: Batch): Promise<void> {
  for (let time = 0; time < count; time += 1) await session.batch(sql);
}
