import type { RequestError } from 'tedious';
import type { Progress } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { appliedBatches, appliedScript, recordBatch, recordScript } from './applied-batches.ts';
import { batchFailure } from './batch-failure.ts';
import { type BatchKind, batchKind, setsIdentityInsert, setsSessionOnly } from './batch-kind.ts';
import { depth, runBatch } from './run-batch.ts';
import type { Script } from './script.ts';
import { settingsAmong } from './session-settings.ts';
import { type Batch, splitBatches } from './split-batches.ts';
import { sqlTokens } from './sql-lexer.ts';
import { SqlServerError, type SqlSession } from './sql-session.ts';

export interface ApplyOptions {
  /** A session for this script alone, so that what the script sets for its session affects nothing else. */
  readonly session: SqlSession;
  /** The database that the session is in. */
  readonly database: string;
  readonly progress: Progress;
}

/** A batch, and what to do with it. */
export interface PlannedBatch extends Batch {
  readonly plan: Exclude<BatchKind, { readonly kind: 'refused' }>;
}

/**
 * Checks a whole script before anything is changed.
 *
 * @throws ProvisioningError naming file and line of a batch that is refused
 */
export function planScript({ name, text }: Script, database: string): PlannedBatch[] {
  return splitBatches(name, text).map((batch) => {
    const plan = batchKind(batch.sql, database);
    if (plan.kind !== 'refused') return { ...batch, plan };
    throw new ProvisioningError(`${name}, line ${batch.line}: ${plan.reason}`);
  });
}

/**
 * Applies the batches of a script that were not applied yet. A batch and the record that it was applied are one
 * transaction, so it is applied once even if the process dies in between. Applied batches must not change. A script may
 * grow at its end, or be corrected after its last applied batch, and continues there.
 *
 * @throws ProvisioningError naming file, line, batch and the server's message
 */
export async function applyScript(script: Script, options: ApplyOptions): Promise<void> {
  const { session, database, progress } = options;
  const { name, sha256 } = script;
  if ((await appliedScript(session, name)) === sha256) {
    progress(`${name} was applied before.`);
    return;
  }
  const batches = planScript(script, database);
  const applied = await appliedBatches(session, name);
  refuseChanges(name, batches, applied);
  const missing = batches.filter(({ number }) => !applied.has(number));
  await restoreSession(name, batches.slice(0, (missing[0]?.number ?? 1) - 1), options);
  for (const batch of missing) {
    await applyBatch(name, batch, batches, options);
    progress(`${name}: batch ${batch.number} of ${batches.length}`);
  }
  await refuseOpenTransaction(session, name);
  await recordScript(session, name, sha256);
  progress(`${name} is applied: ${missing.length} of ${batches.length} batches were new.`);
}

/**
 * Repeats what a script set for its session (`SET IDENTITY_INSERT … ON`), which ended with the earlier run's session.
 */
async function restoreSession(
  name: string,
  applied: readonly Batch[],
  { session, database, progress }: ApplyOptions,
): Promise<void> {
  const last = applied.findLast(({ sql }) => setsIdentityInsert(sql))?.number;
  for (const { sql, line, number } of applied) {
    const statements = setsSessionOnly(sql, database) ? [sql] : settingsAmong(sqlTokens(sql));
    for (const statement of statements) {
      // Only one table at a time takes explicit identities, so an earlier batch's choice is over; another batch may
      // have ended it.
      if (number !== last && setsIdentityInsert(statement) === 'only') continue;
      try {
        await session.batch(statement);
      } catch (error) {
        if (!(error instanceof SqlServerError)) throw error;
        // The table may be gone since then; a batch that needs it will report that.
        progress(`${name}, line ${line}: cannot be set again (${error.message.trim()})`);
      }
    }
  }
}

/** Refuses a transaction that the script left open: all of it would be rolled back when the connection closes. */
async function refuseOpenTransaction(session: SqlSession, name: string): Promise<void> {
  if ((await depth(session)) === 0) return;
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
        ? `${name}, line ${batch.line}: batch ${number} was changed after it had been applied: restore it, and write ` +
            'the change as a new script, or at the end of this one.'
        : `${name} has ${batches.length} ${batches.length === 1 ? 'batch' : 'batches'}, but ${applied.size} had been applied: restore the missing ones.`,
    );
  }
}

async function applyBatch(
  name: string,
  batch: PlannedBatch,
  batches: readonly Batch[],
  { session, progress }: ApplyOptions,
): Promise<void> {
  if (batch.plan.kind === 'left-out') {
    progress(`${name}, line ${batch.line}: left out, ${batch.plan.reason}`);
    await recordBatch(session, name, batch);
    return;
  }
  try {
    await runBatch(session, name, batch, batches, progress);
  } catch (error) {
    if (isTimeout(error)) {
      throw new ProvisioningError(
        `${name}, line ${batch.line}, batch ${batch.number} of ${batches.length}: SQL Server did not finish it within ten ` +
          'minutes, the limit for a batch, and rolls back the part that is in a transaction: split it into smaller batches.',
        { cause: error },
      );
    }
    if (!(error instanceof SqlServerError)) throw error;
    const applied = (await appliedBatches(session, name)).size;
    throw batchFailure({ script: name, batch, total: batches.length, applied, error });
  }
}

function isTimeout(error: unknown): boolean {
  return (error as Partial<RequestError>).code === 'ETIMEOUT';
}
