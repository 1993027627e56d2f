import { changePassword, KerberosError, parsePrincipal } from 'kerberos-client';
import { ProvisioningError } from '../provisioning-error.ts';
import type { PasswordSetter } from '../rotation/rotation-steps.ts';
import { createPasswordCheck, type PasswordCheckOptions, passwordClient } from './password-check.ts';

/**
 * The user changes its own password with the Kerberos change-password protocol (RFC 3244, port 464). This needs no
 * further rights, and works in any Active Directory. The directory's policy for changes applies: history, minimum age.
 */
export function createOwnPassword(options: PasswordCheckOptions): PasswordSetter {
  const checkPassword = createPasswordCheck(options);
  const { kdc, realm } = passwordClient(options);

  return {
    async setPassword(username, newPassword, password) {
      const client = parsePrincipal(username, realm);
      try {
        await changePassword(kdc, { client, password, newPassword });
      } catch (error) {
        if (!(error instanceof KerberosError)) throw error;
        if (error.code === 'PASSWORD_CHANGE_REFUSED') throw refused(error, username, realm);
        // The answer may have been lost, or an earlier run has changed it: then the new password is accepted.
        if ((await checkPassword(username, newPassword)) === 'accepted') return;
        throw failed(error, username, realm);
      }
    },
  };
}

function refused(error: KerberosError, username: string, realm: string): ProvisioningError {
  return new ProvisioningError(
    `The directory does not let ${username}@${realm} change its password now; the old one still works. ` +
      `${error.message} If it was changed a short while ago, the next rotation will do; if the policy refuses the ` +
      '"nextPassword" of the secret, put another one there; otherwise ask the administrators of the directory about its policy, and ' +
      'whether "User cannot change password" is set.',
    { cause: error },
  );
}

function failed(error: KerberosError, username: string, realm: string): ProvisioningError {
  if (error.code === 'KDC_ERR_PREAUTH_FAILED' || error.code === 'KDC_NOT_AUTHENTIC') {
    return new ProvisioningError(
      `The directory takes neither the password of ${username}@${realm} in the secret nor the next one: somebody else ` +
        'has set another; have it put into the secret (username, password), then rotate again.',
      { cause: error },
    );
  }
  if (error.code === 'KDC_UNREACHABLE') {
    return new ProvisioningError(
      `The password of ${username}@${realm} could not be changed: ${error.message} Check that the function’s security ` +
        'group and the directory’s let ports 88 and 464 through.',
      { cause: error },
    );
  }
  return new ProvisioningError(
    `The password of ${username}@${realm} could not be changed. ${error.message} ${error.hint}`,
    { cause: error },
  );
}
