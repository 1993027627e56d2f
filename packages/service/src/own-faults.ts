import { LoginError, type LoginErrorCode } from 'tedious-kerberos';

const ownFaults: ReadonlySet<string> = new Set<LoginErrorCode>([
  'INTERNAL_ERROR',
  'AUTHENTICATOR_FAILED',
  'OPTION_INVALID',
  'NATIVE_MODULE_MISSING',
]);

/** Whether a login failed because of its options or the program, so that no server, directory or network is to blame. */
export function isOwnFault(error: unknown): boolean {
  return error instanceof LoginError && ownFaults.has(error.code);
}
