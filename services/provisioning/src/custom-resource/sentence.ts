import { ProvisioningError } from '../provisioning-error.ts';

/** Remedies for AWS errors, by name. */
const remedies: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "add the permission to the function's role, or check that the directory is in this account",
  DirectoryDoesNotExistException: 'check the directory id',
  DirectoryUnavailableException: 'wait until the directory is Active, then deploy again',
  InvalidPasswordException: "make the directory's password policy accept 40 letters and digits",
  ResourceNotFoundException: 'check that the secret exists in this region',
  ThrottlingException: 'deploy again in some minutes',
};

/** Describes an error in one line, without a stack trace. */
export function sentence(error: unknown): string {
  if (error instanceof ProvisioningError) return error.message;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const said = `${name}: ${message}`.replaceAll(/\s+/g, ' ').replace(/[.\s]+$/, '');
  return `${said}; ${remedies[name] ?? 'see the log, then deploy again: it goes on from where it stopped'}.`;
}
