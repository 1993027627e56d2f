import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/processes/free-port.ts';
import { startDirectory } from '../../local/rehearsal/directories.ts';
import { runJob, startWorker } from '../../local/rehearsal/further-services.ts';
import { secretsOf } from '../../local/rehearsal/given-user.ts';
import type { RehearsedService } from '../../local/rehearsal/names.ts';
import { provisionUser, rotatePassword } from '../../local/rehearsal/provisioning.ts';
import { createRehearsal, type Rehearsal } from '../../local/rehearsal/rehearsal.ts';
import { startDatabase } from '../../local/rehearsal/sql-server.ts';
import { estateOfOthers } from '../faults/estate-of-others.ts';
import { exampleServices } from '../infrastructure/example-deployment.ts';
import { secretOf } from '../infrastructure/updates/estate.ts';

const seldom = { interval: 200 };
const [staging] = estateOfOthers.environments;

/** An environment on existing infrastructure, with a worker and a job whose users also exist already. */
const deployment = {
  ...estateOfOthers,
  services: exampleServices,
  environments: [
    {
      ...staging,
      services: {
        worker: { user: { name: 'SvcWorker', secretArn: secretOf('worker'), rotation: 'own-password' } },
        job: { user: { name: 'svc-job', secretArn: secretOf('job') } },
      },
    },
  ],
};

let rehearsal: Rehearsal;
const told: string[] = [];
const tell = (line: string) => told.push(line);
const serviceOf = (name: string) =>
  rehearsal.names.services.find(({ service }) => service.name === name) as RehearsedService;
const passwordOf = async (name: string) =>
  (await secretsOf(rehearsal).read(serviceOf(name).userSecret, { stage: 'AWSCURRENT' }))?.value;

beforeAll(async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'services-of-others-'));
  rehearsal = await createRehearsal({ deployment, stateDirectory, port: await freePort() });
  rehearsal.cleanUp.adopt(stateDirectory, (folder) => rm(folder, { recursive: true, force: true }));
  await startDirectory(rehearsal);
  await provisionUser(rehearsal, tell);
  await startDatabase(rehearsal, tell);
});
afterAll(() => rehearsal?.dispose());

/** Waits until a newly added play is counted. */
async function counts(album: number): Promise<void> {
  const { administer } = rehearsal.part('sqlServer');
  const plays = async (what: string) =>
    (
      await administer(
        'USE Orders',
        `SELECT ${what} AS n FROM dbo.${what === 'COUNT(*)' ? 'Play' : 'PlayCount'} WHERE AlbumId = ${album}`,
      )
    )[0]?.n ?? 0;
  await administer('USE Orders', `INSERT INTO dbo.Play (AlbumId) VALUES (${album})`);
  const wanted = await plays('COUNT(*)');
  await expect.poll(() => plays('MAX(Plays)'), seldom).toBe(wanted);
}

test("the administrator's script gives all three access, and no code of ours creates their users", () => {
  for (const login of ['svc-music', 'SvcWorker', 'svc-job']) {
    expect(told).toContain(`${login} and its secret exist, as if others had created them`);
    expect(told).toContain(
      `its administrator has run the script that lets CORP\\${login} in, and each of its checks says 1`,
    );
  }
});

test('a worker continues after its user has changed its own password', async () => {
  await startWorker(rehearsal, serviceOf('worker'), tell, {
    environment: { service: { ROUND_SECONDS: '0.5' } },
  });
  await counts(8);
  const before = await passwordOf('worker');
  await rotatePassword(rehearsal, 'worker');
  expect(await passwordOf('worker')).not.toBe(before);
  await counts(34);
});

test('a job runs with a password that its owner has set since', async () => {
  await runJob(rehearsal, serviceOf('job'), tell);
  const before = await passwordOf('job');
  await rotatePassword(rehearsal, 'job');
  expect(await passwordOf('job')).not.toBe(before);
  await runJob(rehearsal, serviceOf('job'), tell);
  expect(told.filter((line) => /^job ran to its end, as CORP\\svc-job/.test(line))).toHaveLength(2);
});
