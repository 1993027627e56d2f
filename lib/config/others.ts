import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import { partsOf } from './given-image.ts';
import { givenImages } from './images.ts';
import { furtherServices } from './services.ts';
import { directoryUserOf } from './user.ts';

/** Resources of other accounts that we may read, because the configuration names them. */
export interface NamedOfOthers {
  readonly secrets: readonly string[];
  /** KMS keys of those secrets. */
  readonly keys: readonly string[];
  /** Image repositories. */
  readonly repositories: readonly string[];
}

/** The resources of other accounts that an environment's roles read: secrets, their keys, and image repositories. */
export function namedOfOthers(deployment: Deployment, environment: Environment): NamedOfOthers {
  const { database } = environment;
  const users = [
    directoryUserOf(deployment, environment),
    ...furtherServices(deployment, environment).map(({ user }) => user),
  ];
  const provisioning =
    database.type === 'existing' && typeof database.provisioning === 'object'
      ? database.provisioning
      : undefined;
  const ofOthers = (arns: readonly (string | undefined)[]) => [
    ...new Set(
      arns.filter((arn) => arn !== undefined).filter((arn) => arn.split(':')[4] !== environment.account),
    ),
  ];
  const images = givenImages(deployment, environment).map((uri) => partsOf({ uri }));
  // The tools account's repositories are permitted in the same way as our own.
  const foreign = images.filter(({ account }) => account !== deployment.tools.account);
  return {
    repositories: ofOthers(foreign.map(({ repositoryArn }) => repositoryArn)),
    secrets: ofOthers([...users.map(({ secretArn }) => secretArn), provisioning?.administratorSecretArn]),
    keys: ofOthers([...users.map(({ kmsKeyArn }) => kmsKeyArn), provisioning?.kmsKeyArn]),
  };
}
