import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { doctorFailed } from '@packages/contracts';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { estateOfOthers } from '../../../test/faults/estate-of-others.ts';
import { startDirectory } from '../directories.ts';
import { provisionMusicDatabase, provisionUser } from '../provisioning.ts';
import { createRehearsal, type Rehearsal } from '../rehearsal.ts';
import { startDatabase } from '../sql-server.ts';
import { writeDoctorFile } from './doctor-file.ts';

const start = fileURLToPath(new URL('../../start.ts', import.meta.url));

/** Runs `npm start -- doctor` without the entry point that sets up the machine. */
function doctor(...words: string[]) {
  return execa(process.execPath, ['--disable-warning=ExperimentalWarning', start, 'doctor', ...words], {
    reject: false,
    stdin: 'ignore',
  });
}

describe('npm start -- doctor', () => {
  let rehearsal: Rehearsal;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rehearsal-doctor-'));
    rehearsal = await createRehearsal({ deployment: estateOfOthers, port: 0, stateDirectory: folder });
    for (const step of [startDirectory, provisionUser, startDatabase, provisionMusicDatabase]) {
      await step(rehearsal, () => {});
    }
    await writeDoctorFile(rehearsal);
  });
  afterAll(async () => {
    await rehearsal?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  test('examines the running rehearsal step by step and finds nothing wrong', async () => {
    const { stdout, exitCode } = await doctor('--state', folder);
    expect(stdout).toMatch(/^ok {3}settings /);
    // SQL Server's domain, which trusts the user's.
    expect(stdout).toMatch(/^ok {3}trusted-controller$/m);
    expect(stdout).toMatch(/^ok {3}login +Logged in at [^(]* CORP\\svc-music \(KERBEROS\)/m);
    expect(stdout).toMatch(/^ok {3}rights [^=]*db_datawriter/m);
    expect(stdout).toMatch(/Nothing is wrong\.$/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(exitCode).toBe(0);
  });

  test('an unknown service is refused with a list of the known ones', async () => {
    const { stderr, exitCode } = await doctor('--state', folder, '--service', 'reports');
    expect(stderr).toBe('--service is "reports", but it must be one of these services: web.');
    expect(exitCode).toBe(doctorFailed);
  });

  test('finds the domain controller that was stopped, and hands a report to a team', async () => {
    await rehearsal.part('domain').stop();
    try {
      const { stdout, exitCode } = await doctor('--state', folder, '--report', 'directory');
      expect(stdout).toMatch(/^FAIL controller +CONTROLLER_REFUSES: /m);
      expect(stdout).toMatch(/^For the directory team/m);
      expect(exitCode).toBe(1);
    } finally {
      await rehearsal.part('domain').start();
    }
  });

  test('continues when the domain controller dies in the meantime, and names it', async () => {
    const running = doctor('--state', folder);
    let shown = '';
    running.stdout.on('data', (text) => (shown += text));
    await expect.poll(() => shown, { interval: 5 }).toMatch(/^ok {3}server-name/m);
    await rehearsal.part('domain').stop();
    try {
      const { stdout, exitCode } = await running;
      expect(stdout).toMatch(
        /^FAIL .*(CONTROLLER_REFUSES|CONTROLLER_ANSWERS_NOTHING|KDC_UNREACHABLE|TICKET)/m,
      );
      expect(stdout).toMatch(/Begin with the first\.$/);
      expect(exitCode).toBe(1);
    } finally {
      await rehearsal.part('domain').start();
    }
  });

  test('prints the report if the disk is full', async () => {
    const { stdout, stderr, exitCode } = await doctor('--state', folder, '--report', '/dev/full');
    expect(stderr).toBe('/dev/full could not be written: no space left on device.');
    expect(stdout).toMatch(/^The report of the doctor$/m);
    expect(exitCode).toBe(3);
  });

  test('starts a domain and a SQL Server where no rehearsal runs, and leaves nothing behind', async () => {
    const { stdout, stderr, exitCode } = await doctor('--state', join(folder, 'nobody'), '--json');
    expect(stderr).toContain('No rehearsal runs');
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0, facts: { directory: rehearsal.names.name } });
    expect(exitCode).toBe(0);
  });
});
