import type * as z from 'zod';
import { type Deployment, deployment } from './deployment.ts';
import { withoutConsequences } from './told-issues.ts';
import { shortened, visible } from './visible.ts';

/** The configuration is wrong; the message says where, in one sentence for each wrong value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const dotted = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (text, key) =>
      text + (typeof key === 'number' ? `[${key}]` : key === '' ? '[""]' : `.${shortened(String(key))}`),
    'deployment',
  );

/** Values in messages stay short; configuration holds no secrets. */
const shown = (value: unknown) => shortened(JSON.stringify(value));

/** The issue of a union that is told apart by a key names that key in its path, but holds the whole object. */
const valueAt = (input: unknown, key: string) =>
  input !== null && typeof input === 'object' ? (input as Record<string, unknown>)[key] : input;

/**
 * Of a name of an object's, what is wrong with it is said. A value that may be a word or an object is no word: what is wrong
 * within the object is said, not what it might have been instead.
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

/**
 * One for each value: what else there is to say of it comes when the first is right. An unknown key is a value of its own.
 */
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

/** So many values that are wrong for one reason are named, of one list or one object: more hide what else is wrong. */
const mostAlike = 5;

function sentencesOf(issues: readonly z.core.$ZodIssue[]): string[] {
  const alike = Map.groupBy(issues, ({ code, message, path }) =>
    code === 'unrecognized_keys' ? undefined : `${dotted(path.slice(0, -1))} ${message}`,
  );
  return [...alike].flatMap(([kind, these]) => {
    const named = kind === undefined ? these.length : mostAlike;
    const [next] = these.slice(named);
    if (!next) return these.map(sentence);
    const rest = `${dotted(next.path.slice(0, -1))} has ${these.length - named} more of the kind: each must be ${next.message}.`;
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

/** Where a key is named `__proto__`: what is named so, JavaScript and zod would take for something else, or leave out. */
function placesOfProto(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === '__proto__' ? [[...path, key]] : []),
    ...placesOfProto(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  ]);
}

/** Sections tell of it as of any key that they do not know; names that people give are not read at all. */
function namedProto(context: unknown, sentences: readonly string[]): string[] {
  return placesOfProto(context)
    .filter((path) => {
      const unknown = `${dotted(path.slice(0, -1))} has the unknown key`;
      return !sentences.some((one) => one.startsWith(unknown) && one.includes('"__proto__"'));
    })
    .map(
      (path) =>
        `${dotted(path)} is "__proto__": it must be named otherwise, since JavaScript has that name itself.`,
    );
}

/**
 * Checks the value of the CDK context key `deployment` and fills in its defaults.
 *
 * @param context what `cdk.json` holds under `context.deployment`
 * @throws ConfigurationError one sentence for each wrong value: key, value, what is allowed
 */
export function loadDeployment(context: unknown): Deployment {
  const result = deployment.safeParse(context, { reportInput: true });
  const issues = (result.error?.issues ?? []).flatMap(innermost);
  const sentences = sentencesOf(firstOfEach(withoutConsequences(issues)));
  sentences.push(...namedProto(context, sentences));
  if (result.success && sentences.length === 0) return result.data;
  throw new ConfigurationError([...new Set(sentences)].map(visible).join('\n'));
}
