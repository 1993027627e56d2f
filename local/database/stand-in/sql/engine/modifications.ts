import type { TranslatedModification } from '../translation/modifications.ts';
import { quote, type Translation } from '../translation/scope.ts';
import type { Execution, Run } from './execution.ts';
import { bindings, newTranslation, prepare, whenFree } from './queries.ts';
import type { Session } from './session.ts';

/** INSERT, UPDATE or DELETE; after an error, none of its changes remain. */
export const modify =
  (verb: string, translate: (translation: Translation, session: Session) => TranslatedModification): Run =>
  async (execution) => {
    const { session, sink } = execution;
    const translation = newTranslation(execution);
    const modification = translate(translation, session);
    const prepared = prepare(execution, modification.sql, [], verb);
    const values = bindings(execution, translation);
    const changes = await whenFree(execution, verb, true, () => {
      const run = () => {
        session.identities.clear();
        const count = Number(prepared.run(...values).changes);
        keepIdentity(execution, modification);
        return count;
      };
      return modification.identity ? session.transactions.atomically(run) : run();
    });
    session.rowCount = changes;
    sink.done(session.options.noCount ? undefined : changes);
  };

/** Records the last identity value that the table generated or was given. */
function keepIdentity({ session }: Execution, { table, identity }: TranslatedModification): void {
  if (!identity) return;
  const { sqlite } = session;
  const last = identity.explicit
    ? sqlite.prepare(`SELECT max(${quote(identity.column)}) AS last FROM ${table.sql}`).get()?.last
    : session.identities.get(table.objectId);
  if (last === undefined || last === null) return;
  sqlite
    .prepare('UPDATE main."$identities" SET last = ? WHERE object_id = ?')
    .run(Number(last), table.objectId);
}
