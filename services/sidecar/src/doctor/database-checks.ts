import { type Attempt, passed, skipped } from 'tedious-kerberos/doctor';
import type { Finding } from 'tedious-kerberos/doctor/report';
import { problem } from './findings.ts';

/** Milliseconds; a request to the service can hardly wait longer. */
const slow = 5000;

/**
 * A query for whether the session has these roles, with one row for each: `right`, `ok`. It tests the session and not
 * the account's name, because the login may be a group's.
 */
export function rightsQuestion(roles: readonly string[]): string {
  return roles
    .map((role) => {
      const name = `N'${role.replaceAll("'", "''")}'`;
      return `SELECT ${name} AS [right], CASE WHEN IS_ROLEMEMBER(${name}) = 1 OR IS_ROLEMEMBER(N'db_owner') = 1 THEN 1 ELSE 0 END AS [ok]`;
    })
    .join('\nUNION ALL ');
}

/** Reports whether the account has its roles in the database. */
export function examineRights(check: string, attempt: Attempt | undefined): Finding {
  const { answer, session } = attempt ?? {};
  if (!session || !answer) return skipped(check, 'Needs the database.');
  if (answer instanceof Error) {
    return problem(
      check,
      'RIGHTS_UNKNOWN',
      `The database does not say which roles the account has: ${answer.message}`,
    );
  }
  const missing = answer.filter(({ ok }) => ok !== 1).map((row) => String(row.right));
  const has = answer.filter(({ ok }) => ok === 1).map((row) => String(row.right));
  if (missing.length === 0) return passed(check, `${session.login} has the roles ${has.join(', ')}.`);
  return problem(
    check,
    'RIGHTS_MISSING',
    `In ${session.database}, ${session.login} lacks the roles ${missing.join(', ')}.`,
  );
}

/** Reports the total time from the first packet to the first answer. */
export function examineTime(check: string, attempt: Attempt | undefined): Finding {
  const { milliseconds } = attempt ?? {};
  if (milliseconds === undefined) return skipped(check, 'Needs the database.');
  const detail = `From the first packet to the first answer: ${Math.round(milliseconds)} ms.`;
  if (milliseconds < slow) return passed(check, detail);
  return {
    ...{ check, status: 'warning', detail, ask: 'network' },
    remedy:
      'That is too long for a request. The usual causes: a name with several addresses of which some are silent (an Always On listener needs multiSubnetFailover), a slow DNS server, a domain controller that does not answer.',
  };
}
