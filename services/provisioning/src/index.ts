export { awsDirectory, awsSecrets } from './aws/clients.ts';
export { type Directory, type DirectoryUser, UserExistsError } from './directory/directory.ts';
export {
  type DirectoryUserOptions,
  type ProvisionedUser,
  provisionDirectoryUser,
  removeDirectoryUser,
} from './directory-user/provision-directory-user.ts';
export {
  createPasswordCheck,
  type PasswordCheck,
  type PasswordCheckOptions,
} from './kerberos/password-check.ts';
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
export { createAwsSecrets } from './secrets/aws-secrets.ts';
export type { Secrets, SecretVersion } from './secrets/secrets.ts';
