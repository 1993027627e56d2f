import type * as z from 'zod';
import { type Deployment, deployment } from './deployment.ts';
import { withoutConsequences } from './told-issues.ts';
import { shortened, visible } from './visible.ts';

/** The configuration is wrong; the message has one sentence for each wrong value, with its place. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const dotted = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (text, key) =>
      text + (typeof key === 'number' ? `[${key}]` : key === '' ? '[""]' : `.${shortened(String(key))}`),
    'deployment',
  );

/** Shortens values in messages; the configuration holds no secrets. */
const shown = (value: unknown) => shortened(JSON.stringify(value));

/** When a key selects between union members, the issue's path names that key, but its input is the whole object. */
const valueAt = (input: unknown, key: string) =>
  input !== null && typeof input === 'object' ? (input as Record<string, unknown>)[key] : input;

/**
 * Finds the issues to report. For an invalid key, that is what is wrong with the name. For a union of a word and an
 * object, an object's own issues are reported, not the alternatives that it might have been.
 */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ ...inner, path: issue.path }));
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find(
    (issues) =>
      issues.length > 0 && issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return meant?.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue];
}

/** Keeps the first issue of each value; others appear once that one is fixed. All unknown keys are kept. */
function firstOfEach(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const told = new Set<string>();
  return issues.filter((issue) => {
    if (issue.code === 'unrecognized_keys') return true;
    const place = dotted(issue.path);
    if (told.has(place)) return false;
    told.add(place);
    return true;
  });
}

/**
 * The most values of one list or object to name if they are wrong for the same reason: more would hide other problems.
 */
const mostAlike = 5;

function sentencesOf(issues: readonly z.core.$ZodIssue[]): string[] {
  const alike = Map.groupBy(issues, ({ code, message, path }) =>
    code === 'unrecognized_keys' ? undefined : `${dotted(path.slice(0, -1))} ${message}`,
  );
  return [...alike].flatMap(([kind, these]) => {
    const named = kind === undefined ? these.length : mostAlike;
    const [next] = these.slice(named);
    if (!next) return these.map(sentence);
    const rest = `${dotted(next.path.slice(0, -1))} has ${these.length - named} more of this kind: each must be ${next.message}.`;
    return [...these.slice(0, named).map(sentence), rest];
  });
}

function sentence(issue: z.core.$ZodIssue): string {
  const key = dotted(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return `${key} has the unknown key ${issue.keys.map((name) => `"${shortened(name)}"`).join(', ')}: it must be ${issue.message}.`;
  }
  const value =
    issue.code === 'invalid_union' && issue.discriminator
      ? valueAt(issue.input, issue.discriminator)
      : issue.input;
  return value === undefined
    ? `${key} is missing: it must be ${issue.message}.`
    : `${key} is ${shown(value)}: it must be ${issue.message}.`;
}

type Path = readonly (string | number)[];

/** The places of keys named `__proto__`, which JavaScript and zod would misinterpret or drop. */
function placesOfProto(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === '__proto__' ? [[...path, key]] : []),
    ...placesOfProto(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  ]);
}

/**
 * Issues for keys named `__proto__`. Sections report it as an unknown key; among names that people choose, it is not
 * read at all.
 */
function namedProto(context: unknown, sentences: readonly string[]): string[] {
  return placesOfProto(context)
    .filter((path) => {
      const unknown = `${dotted(path.slice(0, -1))} has the unknown key`;
      return !sentences.some((one) => one.startsWith(unknown) && one.includes('"__proto__"'));
    })
    .map(
      (path) =>
        `${dotted(path)} is "__proto__": it must be named otherwise, because JavaScript uses that name itself.`,
    );
}

/**
 * Checks the value of the CDK context key `deployment` and fills in its defaults.
 *
 * @param context the content of `context.deployment` in `cdk.json`
 * @throws ConfigurationError with one sentence for each wrong value: key, value, what is allowed
 */
export function loadDeployment(context: unknown): Deployment {
  const result = deployment.safeParse(context, { reportInput: true });
  const issues = (result.error?.issues ?? []).flatMap(innermost);
  const sentences = sentencesOf(firstOfEach(withoutConsequences(issues)));
  sentences.push(...namedProto(context, sentences));
  if (result.success && sentences.length === 0) return result.data;
  throw new ConfigurationError([...new Set(sentences)].map(visible).join('\n'));
}
