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

test("with the deployed settings, the service recovers within a minute from a failover that changes SQL Server's key", async () => {
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
      // Requests fail until the old tickets are replaced, which takes one refresh interval.
      expect(outcome.failures.length).toBeLessThan(20 * 60);
      const { events } = await eventsSince(rehearsal, began);
      expect(events).toMatchObject({ 'ticket.key-changed': 2 });
      // The tasks are still the same, and no sidecar has signed in again.
      expect(events).not.toHaveProperty('sidecar.started');
      expect(events).not.toHaveProperty('tgt.obtained');
    }
  } finally {
    await rehearsal.dispose();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}, 600_000);
