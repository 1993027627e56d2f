import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../local/processes/free-port.ts';
import { startDirectory } from '../../local/rehearsal/directories.ts';
import { describeFailover, failOverUnderLoad } from '../../local/rehearsal/failover.ts';
import { provisionMusicDatabase, provisionUser } from '../../local/rehearsal/provisioning.ts';
import { createRehearsal } from '../../local/rehearsal/rehearsal.ts';
import { startDatabase } from '../../local/rehearsal/sql-server.ts';
import { startTasks } from '../../local/rehearsal/tasks.ts';
import { eventsSince } from './task-logs.ts';

test('a failover that changes the key of SQL Server is over within a minute, by itself, with the settings of the deployment', async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'failover-'));
  const rehearsal = await createRehearsal({ stateDirectory, port: await freePort() });
  const silent = () => {};
  try {
    await startDirectory(rehearsal);
    await provisionUser(rehearsal, silent);
    await startDatabase(rehearsal);
    await provisionMusicDatabase(rehearsal, silent);
    await startTasks(rehearsal, silent);
    for (let failover = 1; failover <= 2; failover++) {
      const began = new Date();
      const outcome = await failOverUnderLoad(rehearsal, 20);
      console.log(describeFailover(outcome));
      expect(outcome.secondsToRecover).toBeLessThan(60);
      // Requests fail for as long as the old tickets are published, which is one refresh.
      expect(outcome.failures.length).toBeLessThan(20 * 60);
      const { events } = await eventsSince(rehearsal, began);
      expect(events).toMatchObject({ 'ticket.key-changed': 2 });
      // The tasks are the same as before, and nobody has signed in.
      expect(events).not.toHaveProperty('sidecar.started');
      expect(events).not.toHaveProperty('tgt.obtained');
    }
  } finally {
    await rehearsal.dispose();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}, 600_000);
