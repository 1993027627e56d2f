import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { compileCache } from '../../../../local/processes/compile-cache.ts';
import type { Check, CheckName } from '../../src/doctor/check.ts';

export interface DoctorOutcome {
  readonly exitCode: number | undefined;
  readonly text: string;
  readonly complaint: string;
  /** The checks, if run with `--json`. */
  readonly checks: readonly Check[];
  /** Names of the checks that failed. */
  readonly failures: readonly CheckName[];
}

const program = fileURLToPath(new URL('../../src/command-line.ts', import.meta.url));

/** Runs `tedious-kerberos` in a process with this environment and nothing else of ours but PATH. */
export async function doctorProcess(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<DoctorOutcome> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, ...compileCache(), ...environment },
    extendEnv: false,
    reject: false,
  });
  const checks: Check[] = stdout.startsWith('{') ? JSON.parse(stdout).checks : [];
  const failures = checks.filter(({ status }) => status === 'failed').map(({ check }) => check);
  return { exitCode, text: stdout, complaint: stderr, checks, failures };
}
