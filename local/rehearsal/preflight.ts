import { spawnSync } from 'node:child_process';
import { portAnswers } from '../processes/port-answers.ts';
import type { Settings } from './settings.ts';

const commands = {
  samba: 'samba-ad-dc',
  'samba-tool': 'samba-ad-provision',
  kinit: 'krb5-user',
  haproxy: 'haproxy',
  setpriv: 'util-linux',
} as const;

/**
 * Checks for problems that would stop the rehearsal half-way, before anything is changed.
 *
 * @throws Error that says what is missing or in use, and what to do
 */
export async function checkMachine({ port }: Pick<Settings, 'port'>): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The rehearsal needs root, because it listens on port 88 and runs its parts as separate users: run it with sudo.',
    );
  }
  const missing = Object.entries(commands).filter(
    ([command]) => spawnSync('sh', ['-c', `command -v ${command}`], { env: searchPath }).status !== 0,
  );
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    throw new Error(
      `${missing.map(([command]) => command).join(', ')} is missing: run apt-get install ${packages}`,
    );
  }
  if (await portAnswers('127.0.0.1', port)) {
    throw new Error(
      `Port ${port} of 127.0.0.1 is in use: stop the program that listens there, or choose another port with --port.`,
    );
  }
}

const searchPath = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
