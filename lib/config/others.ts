import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import { directoryUserOf } from './user.ts';

/** What belongs to others and is read here all the same, because the configuration names it. */
export interface NamedOfOthers {
  readonly secrets: readonly string[];
  /** Keys of those secrets. */
  readonly keys: readonly string[];
}

/** The secrets of other accounts that an environment's roles read, and the keys that open them. */
export function namedOfOthers(deployment: Deployment, environment: Environment): NamedOfOthers {
  const { database } = environment;
  const user = directoryUserOf(deployment, environment);
  const provisioning =
    database.type === 'existing' && typeof database.provisioning === 'object'
      ? database.provisioning
      : undefined;
  const ofOthers = (arns: readonly (string | undefined)[]) => [
    ...new Set(
      arns.filter((arn) => arn !== undefined).filter((arn) => arn.split(':')[4] !== environment.account),
    ),
  ];
  return {
    secrets: ofOthers([user.secretArn, provisioning?.administratorSecretArn]),
    keys: ofOthers([user.kmsKeyArn, provisioning?.kmsKeyArn]),
  };
}
