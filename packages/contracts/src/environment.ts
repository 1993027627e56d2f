import * as z from 'zod/mini';

/** Invalid settings. `problems` holds one sentence each: the key, the value, and what is allowed. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Text that matches a pattern. `allowed` completes the sentence "it must be …". */
export function text(pattern: RegExp, allowed: string) {
  return z.string(allowed).check(z.regex(pattern, allowed));
}

/** A DNS host name (RFC 1123), at most 253 characters. */
export function hostName(example: string) {
  return text(
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i,
    `a host name such as ${example}`,
  );
}

/** An absolute Unix path; the file need not exist. */
export function absolutePath(example: string) {
  return text(/^\/[^\0]*$/, `an absolute path such as ${example}`);
}

/** One of these words, in exactly this spelling. */
export function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, `one of ${values.join(', ')}`);
}

/** An integer written in digits, within inclusive bounds. */
export function whole(least: number, most: number) {
  return number(/^\d+$/, 'a whole number', least, most);
}

/**
 * A number with or without a fraction, within inclusive bounds. @param unit follows "a number", such as `of seconds`
 */
export function fraction(least: number, most: number, unit = '') {
  return number(/^\d+(\.\d+)?$/, `a number${unit && ` ${unit}`}`, least, most);
}

/** Seconds, with or without a fraction, within inclusive bounds. */
export function seconds(least: number, most: number) {
  return fraction(least, most, 'of seconds');
}

/** @param value used if the variable is not set */
export function withDefault<Schema extends z.ZodMiniType>(schema: Schema, value: z.output<Schema>) {
  return z._default(schema, value as Parameters<typeof z._default<Schema>>[1]);
}

function number(pattern: RegExp, kind: string, least: number, most: number) {
  const allowed = `${kind} from ${least} to ${most}`;
  return z.pipe(
    text(pattern, allowed),
    z.pipe(z.transform(Number), z.number().check(z.gte(least, allowed), z.lte(most, allowed))),
  );
}

/** Unparsed variables, keyed by the names of a schema, for programs that read a few of them directly. */
export type FoundVariables<Environment> = { readonly [Name in keyof Environment]?: string | undefined };

/**
 * Reads a program's settings from environment variables. Treats an empty variable as unset.
 *
 * @param among checks variables against each other and returns sentences. Its arguments are the parsed settings
 *   (undefined if a variable is invalid) and the variables that are set.
 * @throws ConfigurationError with one sentence for each problem
 */
export function readEnvironment<Schema extends z.ZodMiniType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
  among: (
    settings: z.output<Schema> | undefined,
    given: Readonly<Record<string, string | undefined>>,
  ) => readonly string[] = () => [],
): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const read = schema.safeParse(given);
  const wrong = new Map(read.error?.issues.map(({ path, message }) => [String(path[0]), message]));
  const problems = [
    ...[...wrong].map(([key, allowed]) => problem(key, given[key], allowed)),
    ...among(read.data, given),
  ];
  if (!read.success || problems.length > 0) throw new ConfigurationError(problems);
  return read.data;
}

/**
 * The sentence for an invalid setting. Does not quote the value if it may be a secret that was put into the wrong
 * variable.
 *
 * @param allowed completes "it must be …"
 */
export function problem(key: string, value: string | undefined, allowed: string): string {
  return `${key} ${found(key, value)}, but it must be ${allowed}.`;
}

function found(key: string, value: string | undefined): string {
  if (value === undefined) return 'is not set';
  const secret = key.startsWith('CREDENTIALS') || /[{"]/.test(value);
  return secret ? 'is not shown here' : `is ${JSON.stringify(value.slice(0, 100))}`;
}
