import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { execa } from 'execa';
import { patience } from '../processes/within.ts';
import type { Domain } from './domain.ts';

export interface Trust {
  /** The domain of the servers, which accepts users of the other domain. */
  readonly trusting: Domain;
  /** The domain of the users. */
  readonly trusted: Domain;
}

/**
 * Makes one domain trust another, one way, as a SQL Server needs whose users are in another domain. Both domain
 * controllers are running and know the trust immediately. Its keys are AES.
 *
 * @throws Error with Samba's own error output
 */
export async function trustDomain({ trusting, trusted }: Trust): Promise<void> {
  const side = ({ name, netbiosName, smbConf }: Domain) => ({ name, netbiosName, smbConf });
  const password = `${randomBytes(24).toString('base64url')}aA1!`;
  const { failed, stderr, shortMessage } = await execa(
    '/usr/bin/python3',
    [join(import.meta.dirname, 'trust.py')],
    {
      input: JSON.stringify({ password, trusting: side(trusting), trusted: side(trusted) }),
      timeout: patience,
      reject: false,
    },
  );
  if (failed) {
    const words = stderr.trim().split('\n').at(-1) || shortMessage;
    throw new Error(`${trusting.name} could not be made to trust ${trusted.name}: ${words}`);
  }
}
