import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from 'tedious-kerberos/doctor/report';
import { compileCache } from '../../../../local/processes/compile-cache.ts';

export interface DoctorRun {
  readonly exitCode: number | null;
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, string>>;
  /** Names of the checks that failed. */
  readonly failures: readonly string[];
  find(check: string): Finding | undefined;
}

export interface DoctorProcessOptions {
  /** Path of `main.mjs`, the sidecar's program as in its image. */
  readonly main: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly args?: readonly string[] | undefined;
  /** Lines of resolv.conf(5) for this process, in its own mount namespace; the file is kept in `folder`. */
  readonly resolvConf?: { readonly folder: string; readonly lines: string } | undefined;
  /** Called with the output so far; may end the process. */
  readonly watch?: ((text: string, kill: (signal: NodeJS.Signals) => void) => void) | undefined;
}

/**
 * The doctor's limit for each answer, in seconds: short, because tests of silent peers wait for it, but longer than a
 * busy machine needs to answer.
 */
export const answerSeconds = 8;

/** Runs the sidecar's program as the doctor, with the given environment only. */
export async function runDoctor(options: DoctorProcessOptions): Promise<DoctorRun> {
  const {
    main,
    environment,
    args = ['--json-lines', '--timeout', `${answerSeconds}`],
    resolvConf,
    watch,
  } = options;
  return started(await within(['node', main, 'doctor', ...args], resolvConf), environment, watch);
}

/** Wraps the command so that it alone sees another resolv.conf(5). */
async function within(command: string[], resolvConf: DoctorProcessOptions['resolvConf']): Promise<string[]> {
  if (!resolvConf) return command;
  const file = join(resolvConf.folder, 'resolv.conf');
  await writeFile(file, resolvConf.lines);
  const script = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', file, ...command];
}

async function started(
  [program = '', ...args]: string[],
  env: NodeJS.ProcessEnv,
  watch: DoctorProcessOptions['watch'] = () => {},
): Promise<DoctorRun> {
  const child = spawn(program, args, {
    env: { ...compileCache(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      watch(text, (signal) => child.kill(signal));
    });
  }
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = text.split('\n').flatMap((line) => (line.startsWith('{"doctor"') ? [JSON.parse(line)] : []));
  const findings: Finding[] = lines.filter(({ doctor }) => doctor === 'finding');
  return {
    ...{ exitCode, text, findings },
    facts: Object.assign({}, ...lines.map(({ facts }) => facts)),
    failures: findings.filter(({ status }) => status === 'failed').map(({ check }) => check),
    find: (check) => findings.find((finding) => finding.check === check),
  };
}
