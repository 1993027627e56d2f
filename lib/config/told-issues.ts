import type * as z from 'zod';

type Issue = z.core.$ZodIssue;

/** Sections that a key `type` tells apart: without it, a section is taken for another one, in which nothing is right. */
const typed: readonly unknown[] = ['database', 'directory', 'network'];

const isWithin = (inner: Issue, { path }: Issue) =>
  inner.path.length > path.length && path.every((key, index) => inner.path[index] === key);
const isAt = (one: Issue, { path }: Issue) =>
  one.path.length === path.length && path.every((key, index) => one.path[index] === key);

/**
 * Those of the issues that are not a consequence of another one: of a list, what is wrong with its items; where a key is
 * misspelt, not that it is missing; where a section is taken for another one, that its keys are none of that.
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

/** Without its secret, a given user is taken for one that is made here, and its other keys are none of that one's. */
function isOfMissingSecret(issue: Issue, cause: Issue): boolean {
  const isMissing = cause.path.at(-1) === 'secretArn' && cause.input === undefined;
  // One is told of the environment, the other where it was said.
  const userOf = ({ path }: Issue) => path.slice(-3, -1).join('.');
  return isMissing && issue.code === 'custom' && userOf(issue) === userOf(cause);
}
