import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';

/** A secret that the configuration names, and its key. */
interface Named {
  /** Where the configuration names it: the path of an object, and the key for the secret. */
  readonly path: Problem['path'];
  readonly key: string;
  readonly arn: string;
  readonly kmsKeyArn?: string | undefined;
}

/** Contradictions between a given secret and the place of its environment: it is read there, in its own region. */
export function secretProblems(
  { path, key, arn, kmsKeyArn }: Named,
  { account, region }: Pick<CheckedEnvironment, 'account' | 'region'>,
): Problem[] {
  const problem = (at: string, input: unknown, message: string) => [{ path: [...path, at], input, message }];
  const [, , , itsRegion, itsAccount] = arn.split(':');
  // What else there is to say of it comes when the first is right.
  return [
    ...(itsRegion === region
      ? []
      : problem(key, arn, `a secret in the environment's region ${region}; Secrets Manager replicates it`)),
    ...(kmsKeyArn === undefined || kmsKeyArn.split(':')[3] === region
      ? []
      : problem('kmsKeyArn', kmsKeyArn, `a key in the environment's region ${region}`)),
    ...(itsAccount !== account && kmsKeyArn === undefined
      ? problem(
          'kmsKeyArn',
          undefined,
          `given for a secret of another account (${itsAccount}): AWS's own key opens it to none`,
        )
      : []),
  ].slice(0, 1);
}

/** Of the administrator by whom a SQL Server of others is provisioned. */
export function administratorProblems(environment: CheckedEnvironment): Problem[] {
  const { database } = environment;
  if (database.type === 'new' || typeof database.provisioning === 'string') return [];
  const { administratorSecretArn: arn, kmsKeyArn } = database.provisioning;
  const path = ['database', 'provisioning'];
  return secretProblems({ path, key: 'administratorSecretArn', arn, kmsKeyArn }, environment);
}

/** Of the account that joins an instance: RDS reads it itself, and asks for a key of one's own, which it finds itself. */
export function joinProblems(environment: CheckedEnvironment): Problem[] {
  const { directory, region } = environment;
  if (directory.type !== 'self-managed' || !directory.join) return [];
  const { secretArn } = directory.join;
  if (secretArn.split(':')[3] === region) return [];
  const message = `a secret in the environment's region ${region}, where RDS reads it`;
  return [{ path: ['directory', 'join', 'secretArn'], input: secretArn, message }];
}
