import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/processes/free-port.ts';
import { startDirectory } from '../../local/rehearsal/directories.ts';
import { provisionMusicDatabase, provisionUser, rotatePassword } from '../../local/rehearsal/provisioning.ts';
import { createRehearsal } from '../../local/rehearsal/rehearsal.ts';
import { startDatabase } from '../../local/rehearsal/sql-server.ts';
import { startTasks } from '../../local/rehearsal/tasks.ts';
import { type LoadOutcome, startLoad } from '../../local/testing/steady-load.ts';
import { eventsSince, type TaskEvents } from './task-logs.ts';

export interface RotationUnderLoadOptions {
  /** The deployment to rehearse, in the form of `context.deployment` in cdk.json; default: that of cdk.json. */
  readonly deployment?: unknown;
  readonly rotations: number;
  readonly requestsPerSecond: number;
  /** Called with progress messages. */
  readonly progress?: (line: string) => void;
}

export type RotationOutcome = LoadOutcome & TaskEvents;

const environment = {
  // Tickets live a minute and are renewed every three seconds. A TGT with this lifetime is good for one renewal, so
  // each renewal signs in with the password.
  sidecar: { TICKET_LIFETIME: '60', RENEW_AT: '0.05', TGT_LIFETIME: '125' },
  web: {
    // Database connections are replaced often, so that the tickets are needed.
    POOL_MAX_AGE_SECONDS: '5',
    // On one machine, a busy moment delays requests. This test is not about requests that are turned away for that
    // reason, so the queue is large: five times the usual pool size is admitted, however slow the answers are.
    POOL_MAX: '20',
    POOL_QUEUE_MAX: '2000',
    ACQUIRE_TIMEOUT_SECONDS: '15',
  },
};

/**
 * Runs the complete service (domain, SQL Server stand-in, load balancer, two tasks) under a steady load. Repeatedly
 * rotates the directory user's password with the deployed code, and replaces the tasks after each rotation, as the
 * rotation's event does on AWS.
 */
export async function rotationUnderLoad(options: RotationUnderLoadOptions): Promise<RotationOutcome> {
  const { deployment, rotations, requestsPerSecond, progress = () => {} } = options;
  const stateDirectory = await mkdtemp(join(tmpdir(), 'rotation-under-load-'));
  const rehearsal = await createRehearsal({
    deployment,
    stateDirectory,
    port: await freePort(),
    report: progress,
  });
  try {
    await startDirectory(rehearsal);
    await Promise.all([
      provisionUser(rehearsal, progress),
      startDatabase(rehearsal).then(() => provisionMusicDatabase(rehearsal, progress)),
    ]);
    await startTasks(rehearsal, progress, { environment });
    const began = new Date();
    const { url } = rehearsal.part('loadBalancer');
    const load = startLoad([`${url}/api/albums`, `${url}/`], requestsPerSecond);
    for (let rotation = 1; rotation <= rotations; rotation++) {
      await rotatePassword(rehearsal);
      progress(`rotation ${rotation} of ${rotations} is over; ${load.sent} requests were sent`);
    }
    const outcome = await load.stop();
    return { ...outcome, ...(await eventsSince(rehearsal, began)) };
  } finally {
    await rehearsal.dispose();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}
