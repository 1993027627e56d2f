import { type Directory, UserExistsError } from '../../services/provisioning/src/index.ts';
import type { Domain } from './domain.ts';

/** The attribute that names the owner of a user, the same as on AWS. */
const ownerAttribute = 'physicalDeliveryOfficeName';

/** A bit of userAccountControl ([MS-ADTS], section 2.2.16). */
const accountDisabled = 2;

/**
 * Implements the provisioning code's `Directory` with a Samba domain on this machine. Passwords are not passed as
 * arguments.
 */
export function createSambaDirectory(domain: Domain): Directory {
  return {
    domainName: domain.name,

    async prepare() {
      if (!domain.running) throw new Error('The domain controller is not running: start it first.');
    },

    async findUser(username) {
      const ldif = await domain.search(`(&(objectClass=user)(sAMAccountName=${username}))`, [ownerAttribute]);
      if (!/^dn: /m.test(ldif)) return undefined;
      return { username, owner: attribute(ldif, ownerAttribute) };
    },

    async createUser({ username, owner }) {
      try {
        // Use one command, so that the user does not exist without its owner at any time.
        await domain.samba([
          'user',
          'create',
          username,
          '--random-password',
          `--physical-delivery-office=${owner}`,
        ]);
      } catch (error) {
        if (!/already (exists|in use)/.test((error as Error).message)) throw error;
        throw new UserExistsError(`The user ${username} exists.`, { cause: error });
      }
    },

    async unlock(username) {
      await domain.samba(['user', 'unlock', username]);
    },

    async setPassword(username, password) {
      await domain.setPassword(username, password);
      // samba-tool takes a second, so call it only if necessary.
      const ldif = await domain.search(`(sAMAccountName=${username})`, ['userAccountControl']);
      if (Number(attribute(ldif, 'userAccountControl')) & accountDisabled) {
        await domain.samba(['user', 'enable', username]);
      }
    },

    async deleteUser(username) {
      if (await this.findUser(username)) await domain.samba(['user', 'delete', username]);
    },
  };
}

/** A value of an LDIF entry (RFC 2849): plain text, or base64 after two colons. */
function attribute(ldif: string, name: string): string | undefined {
  const [, encoded, value] = new RegExp(`^${name}:(:?) (.*)$`, 'mi').exec(ldif.replaceAll('\n ', '')) ?? [];
  return value !== undefined && encoded === ':' ? Buffer.from(value, 'base64').toString() : value;
}
