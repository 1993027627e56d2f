import * as z from 'zod';
import type { Deployment } from './deployment.ts';
import type { CheckedEnvironment, Environment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { oneOf, section, text, wholeNumber, yesOrNo } from './fields.ts';
import { isDirectoryAccount } from './reserved-names.ts';
import { secretProblems } from './secret-problems.ts';

/** A bare account name (sAMAccountName) that is not one of the directory's own accounts. */
const accountNameOf = (form: RegExp, allowed: string) =>
  text(form, allowed).refine((name) => !isDirectoryAccount(name), {
    error: 'a user of its own: every directory has a user or a group of that name',
  });

const accountName = accountNameOf(
  /^[A-Za-z][A-Za-z0-9._-]{0,19}$(?<!\.)/,
  'an account name alone, without domain: 1 to 20 letters, digits, dots, hyphens and underscores, a letter first, no dot last',
);

/** The name of an account that we create: lower case only, so that it has one spelling. */
const newAccount = {
  form: /^[a-z][a-z0-9._-]{0,19}$(?<!\.)/,
  allowed: '1 to 20 lower-case letters, digits, dots, hyphens and underscores, a letter first, no dot last',
};
export const newAccountName = accountNameOf(newAccount.form, newAccount.allowed);

/** The complete ARN of a secret, which ECS and policies need, also for secrets of other accounts. */
export const completeSecretArn = text(
  /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
  'the complete ARN of a secret in Secrets Manager, with the hyphen and six characters that AWS has added to its end',
);

/** The ARN of a key: policies cannot refer to aliases. */
export const keyArn = text(
  /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
  'the ARN of a key in AWS KMS (…:key/…), not of an alias',
);

/**
 * The user that signs in to SQL Server: an account that we create, or one that others created, whose name and password
 * are in a secret.
 */
export const user = section({
  name: accountName.optional(),
  adopt: yesOrNo.optional().describe('Whether an existing user of that name may be taken over.'),
  secretArn: completeSecretArn.optional(),
  kmsKeyArn: keyArn.optional(),
  rotation: oneOf('none', 'own-password')
    .optional()
    .describe('For a given account. own-password: it changes its own password, and needs no other right.'),
  rotationDays: wholeNumber(1, 35, 'days').optional(),
}).superRefine((value, context) => {
  const wrong = (key: keyof typeof value, message: string) =>
    context.addIssue({ code: 'custom', path: [key], message, input: value[key] });
  if (value.secretArn === undefined) {
    const because = 'left out without secretArn: a user that is created here gets its secret with it';
    const { name } = value;
    // Report only the first, because all follow from the missing secret.
    if (value.kmsKeyArn !== undefined) wrong('kmsKeyArn', because);
    else if (value.rotation !== undefined) {
      wrong(
        'rotation',
        'left out without secretArn: the password of a user that is created here is rotated by us',
      );
    } else if (name !== undefined && !newAccount.form.test(name) && !isDirectoryAccount(name))
      wrong('name', newAccount.allowed);
    return;
  }
  if (value.adopt !== undefined) {
    wrong('adopt', 'left out with secretArn: a user that is given is not taken over');
  }
  const rotation = value.rotation ?? 'none';
  if (value.rotationDays === undefined) return;
  if (rotation === 'none') {
    wrong(
      'rotationDays',
      'left out unless rotation is "own-password": otherwise, its owner changes the password',
    );
  } else if (value.rotationDays < 2) {
    wrong('rotationDays', 'at least 2: by default a directory lets a user change its password once a day');
  }
});

/** The user of a further service: the name of an account that we create, or all settings of a user. */
export const serviceUser = z.union([newAccountName, user], {
  error: (issue) =>
    // If it is a string, report what is wrong with the name.
    (typeof issue.input === 'string' && nameProblem(issue.input)) ||
    `an account name, or an object with ${Object.keys(user.shape).join(', ')}`,
});

function nameProblem(name: string): string | undefined {
  return newAccountName.safeParse(name).error?.issues[0]?.message;
}

/** A user's settings, as configured. */
export type UserSettings = z.output<typeof user>;

/** A user that provisioning creates in the directory and whose password it sets. */
export interface NewUser {
  readonly name: string;
  readonly adopt: boolean;
  readonly rotationDays: number;
  readonly secretArn?: undefined;
  readonly kmsKeyArn?: undefined;
  readonly rotation?: undefined;
}

/** A user that others created. */
export interface GivenUser {
  /** As in its secret and in the directory. */
  readonly name: string;
  readonly secretArn: string;
  /** The secret's key, unless it is the default key of AWS. */
  readonly kmsKeyArn?: string | undefined;
  readonly rotation: 'none' | 'own-password';
  readonly rotationDays: number;
}

/** `secretArn` tells the two apart. */
export type User = NewUser | GivenUser;

/** Days between password changes, if the directory's configuration has no interval. */
const usualRotation = 30;

/** @param defaults for a new user, where `settings` has no value */
export function userFrom(
  settings: UserSettings = {},
  defaults: Omit<NewUser, 'secretArn' | 'kmsKeyArn' | 'rotation'>,
): User {
  const { name = defaults.name, secretArn, kmsKeyArn, rotation = 'none' } = settings;
  if (secretArn !== undefined) {
    return { name, secretArn, kmsKeyArn, rotation, rotationDays: settings.rotationDays ?? usualRotation };
  }
  const { adopt = defaults.adopt, rotationDays = defaults.rotationDays } = settings;
  return { name, adopt, rotationDays };
}

/** @returns the user of an environment, from its own settings and the deployment's */
export function directoryUserOf({ domain }: Deployment, environment: Environment): User {
  return userFrom(environment.user, {
    name: domain.user,
    adopt: domain.adoptUser ?? false,
    rotationDays: daysOfDirectory(environment),
  });
}

/**
 * The default rotation interval of a further service's user, if we create it. Each further service's interval is one
 * day shorter than that of the service before it, starting from web's; users created together would otherwise rotate on
 * the same days, and their services would always get new tasks together.
 *
 * @param position of the service, counted from 1
 */
export function serviceRotationDays(
  environment: Pick<CheckedEnvironment, 'directory' | 'user'>,
  position: number,
): number {
  const { user: web } = environment;
  const most = (web?.secretArn === undefined && web?.rotationDays) || daysOfDirectory(environment);
  return Math.max(1, most - position);
}

function daysOfDirectory({ directory }: Pick<CheckedEnvironment, 'directory'>): number {
  return 'rotationDays' in directory ? directory.rotationDays : usualRotation;
}

/**
 * Contradictions between a user's given secret and its environment.
 *
 * @param path of the user in the environment
 */
export function userProblems(
  settings: UserSettings | undefined,
  { account, region }: Pick<Environment, 'account' | 'region'>,
  path: Problem['path'] = ['user'],
): Problem[] {
  const { secretArn: arn, kmsKeyArn, rotation } = settings ?? {};
  if (arn === undefined) return [];
  const itsAccount = arn.split(':')[4];
  const message = `"none" for a secret of another account (${itsAccount}): secrets are rotated in their own account`;
  return [
    ...secretProblems({ path, key: 'secretArn', arn, kmsKeyArn }, { account, region }),
    ...(itsAccount !== account && rotation === 'own-password'
      ? [{ path: [...path, 'rotation'], input: rotation, message }]
      : []),
  ];
}
