import { execa } from 'execa';
import type { User } from './user.ts';

/**
 * Runs a container's own health command, as its user.
 *
 * @returns whether it says within half a minute that all is well; its start alone takes seconds on a busy machine
 */
export async function saysHealthy(
  node: string,
  program: string,
  env: NodeJS.ProcessEnv,
  { uid, gid }: User,
): Promise<boolean> {
  const { exitCode } = await execa(node, [program], {
    ...{ env, extendEnv: false },
    ...{ reject: false, timeout: 30_000 },
    ...{ uid, gid },
  });
  return exitCode === 0;
}
