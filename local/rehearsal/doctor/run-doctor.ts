import { spawn } from 'node:child_process';
import { chownSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { containers, doctorCommand, doctorFailed } from '@packages/contracts';
import { readDoctorLine } from '../../../lib/operator/release/doctor/run-doctor.ts';
import { showFindings } from '../../../lib/operator/release/doctor/show-findings.ts';
import { runnableSidecar } from '../../testing/runnable-sidecar.ts';
import type { DoctorSubject } from './doctor-file.ts';

export interface DoctorRunSettings {
  readonly json: boolean;
  /** A team or a file, as for `npm run release -- doctor`. */
  readonly report: string | undefined;
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the sidecar's program as the doctor, with the sidecar's user, and shows each finding as it comes.
 *
 * @param folder for its program and its count of refusals; other users may pass through it
 * @returns its exit code, or `doctorFailed` if its output was cut off or the report could not be written
 */
export async function runDoctor(
  { environment }: DoctorSubject,
  folder: string,
  { json, report, print, say, signal }: DoctorRunSettings,
): Promise<number> {
  const { uid, gid } = containers.sidecar.user;
  const privateDirectory = join(folder, 'private');
  mkdirSync(privateDirectory, { recursive: true, mode: 0o700 });
  chownSync(privateDirectory, uid, gid);
  // The CA file may be in a place that only root can read.
  const authority = join(folder, 'database-ca.pem');
  cpSync(String(environment.SQL_TLS_CA_FILE), authority);
  const { node, main } = await runnableSidecar(folder);
  const child = spawn(node, [main, ...doctorCommand], {
    env: { ...environment, PRIVATE_DIRECTORY: privateDirectory, SQL_TLS_CA_FILE: authority },
    ...{ uid, gid, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  const stop = () => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 130));
  });
  const findings = showFindings({ json, print, say });
  for await (const text of createInterface(child.stdout)) {
    const line = readDoctorLine(text);
    if (line) findings.take(line);
  }
  const exitCode = await exited;
  if (signal?.aborted) return exitCode;
  return (await findings.end({ exitCode }, report)) ? exitCode : doctorFailed;
}
