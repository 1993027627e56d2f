/**
 * A failure told to people in one sentence: what happened, its likely cause, what to do.
 * The sentence holds no password, so it may be logged and shown by CloudFormation.
 */
export class ProvisioningError extends Error {
  override readonly name = 'ProvisioningError';
}
