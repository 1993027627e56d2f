/**
 * A failure whose message is for people: what happened, its likely cause, what to do. The message contains no password,
 * so it may be logged and shown by CloudFormation.
 */
export class ProvisioningError extends Error {
  override readonly name = 'ProvisioningError';
}
