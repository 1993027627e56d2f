import type * as z from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * Sections of which a key `type` selects the schema: if `type` is missing, they are checked as the wrong one, and every
 * key fails.
 */
const typed: readonly unknown[] = ['database', 'directory', 'network'];

const isWithin = (inner: Issue, { path }: Issue) =>
  inner.path.length > path.length && path.every((key, index) => inner.path[index] === key);
const isAt = (one: Issue, { path }: Issue) =>
  one.path.length === path.length && path.every((key, index) => one.path[index] === key);

/**
 * Drops issues that only follow from another one: of a list, if its items have issues; of a missing key, if it was
 * misspelt; and of the keys in a section that was checked as another type.
 */
export function withoutConsequences(issues: readonly Issue[]): Issue[] {
  return issues.filter((issue) => !issues.some((other) => other !== issue && follows(issue, other)));
}

function follows(issue: Issue, cause: Issue): boolean {
  if (issue.code === 'unrecognized_keys') return false;
  if (cause.code !== 'unrecognized_keys') return isWithin(cause, issue) || isOfMissingSecret(issue, cause);
  if (isAt(issue, cause)) return true;
  const isMistaken = typed.includes(cause.path.at(-1));
  if (!isWithin(issue, cause)) return isMistaken && issue.code === 'custom';
  const isMissing = issue.path.length === cause.path.length + 1 && issue.input === undefined;
  return isMissing || isMistaken;
}

/** Without its secret, a given user is checked as one that we create, which rejects its other keys. */
function isOfMissingSecret(issue: Issue, cause: Issue): boolean {
  const isMissing = cause.path.at(-1) === 'secretArn' && cause.input === undefined;
  // One path begins with the environment, the other where the user was configured.
  const userOf = ({ path }: Issue) => path.slice(-3, -1).join('.');
  return isMissing && issue.code === 'custom' && userOf(issue) === userOf(cause);
}
