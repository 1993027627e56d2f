export { awsDirectory, awsSecrets } from './aws/clients.ts';
export { createJsonClient, type JsonClient, type JsonClientOptions } from './aws/json-client.ts';
export {
  connectSqlServer,
  type SqlCredentials,
  type SqlServerAddress,
} from './database/connect-sql-server.ts';
export {
  type DatabaseOptions,
  type LoginOptions,
  provisionDatabase,
  provisionLogin,
  removeDatabaseLogin,
} from './database/provision-database.ts';
export { fetchScript, musicStoreScripts, type Script, type ScriptSource } from './database/script.ts';
export { splitBatches } from './database/split-batches.ts';
export { SqlServerError, type SqlSession } from './database/sql-session.ts';
export { type Directory, type DirectoryUser, UserExistsError } from './directory/directory.ts';
export { createOwnPassword } from './directory/own-password.ts';
export {
  createPasswordCheck,
  type PasswordCheck,
  type PasswordCheckOptions,
} from './directory/password-check.ts';
export {
  type DirectoryUserOptions,
  type ProvisionedUser,
  provisionDirectoryUser,
  removeDirectoryUser,
} from './directory-user/provision-directory-user.ts';
export type { Progress } from './progress.ts';
export { ProvisioningError } from './provisioning-error.ts';
export { rotateDirectoryUser } from './rotation/rotate-directory-user.ts';
export {
  type RotationOptions,
  type RotationRequest,
  type RotationStep,
  rotationStep,
  rotationSteps,
} from './rotation/rotation-steps.ts';
export { unlockDirectoryUser } from './rotation/unlock-directory-user.ts';
export { administratorOf } from './secrets/administrator.ts';
export { createAwsSecrets } from './secrets/aws-secrets.ts';
export type { Secrets, SecretVersion } from './secrets/secrets.ts';
