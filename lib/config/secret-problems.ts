import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';

/** A secret that the configuration names, and the KMS key that encrypts it. */
interface Named {
  /** Path of the configuration object, and the name of its key for the secret. */
  readonly path: Problem['path'];
  readonly key: string;
  readonly arn: string;
  readonly kmsKeyArn?: string | undefined;
}

/** Contradictions between a given secret and its environment, whose account reads it in the environment's region. */
export function secretProblems(
  { path, key, arn, kmsKeyArn }: Named,
  { account, region }: Pick<CheckedEnvironment, 'account' | 'region'>,
): Problem[] {
  const problem = (at: string, input: unknown, message: string) => [{ path: [...path, at], input, message }];
  const [, , , itsRegion, itsAccount] = arn.split(':');
  // Report only the first; others appear once that one is fixed.
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
          `given for a secret of another account (${itsAccount}): the default key of AWS gives other accounts no access`,
        )
      : []),
  ].slice(0, 1);
}

/** Problems of the secret of the administrator who provisions an existing SQL Server. */
export function administratorProblems(environment: CheckedEnvironment): Problem[] {
  const { database } = environment;
  if (database.type === 'new' || typeof database.provisioning === 'string') return [];
  const { administratorSecretArn: arn, kmsKeyArn } = database.provisioning;
  const path = ['database', 'provisioning'];
  return secretProblems({ path, key: 'administratorSecretArn', arn, kmsKeyArn }, environment);
}

/**
 * Problems of the secret of the account that joins an instance. RDS itself reads it and finds its key, which must be
 * customer-managed.
 */
export function joinProblems(environment: CheckedEnvironment): Problem[] {
  const { directory, region } = environment;
  if (directory.type !== 'self-managed' || !directory.join) return [];
  const { secretArn } = directory.join;
  if (secretArn.split(':')[3] === region) return [];
  const message = `a secret in the environment's region ${region}, where RDS reads it`;
  return [{ path: ['directory', 'join', 'secretArn'], input: secretArn, message }];
}
