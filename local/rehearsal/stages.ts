import type { Stage } from './action.ts';
import { runIntegrationTest } from './integration-test.ts';
import { provisionMusicDatabase, provisionUser, startDirectory } from './provisioning.ts';
import type { Settings } from './settings.ts';
import { startDatabase } from './sql-server.ts';
import { startTasks } from './tasks.ts';
import type { World } from './world.ts';

/** The delivery in the pipeline's own order, each action bound to what it does on this machine. */
export async function stagesOf(world: World, settings: Settings): Promise<readonly Stage[]> {
  return [
    {
      name: 'Network/Directory',
      actions: [
        work('Directory', 1, () => startDirectory(world)),
        work('Directory user', 2, (report) => provisionUser(world, report)),
      ],
    },
    {
      name: 'Database',
      actions: [
        approval('Approve the database', 'Network and directory stand. Go on to the database?'),
        work('SQL Server', 2, () => startDatabase(world)),
        work('Schema, data, login', 3, (report) => provisionMusicDatabase(world, report)),
      ],
    },
    {
      name: 'Service',
      actions: [
        approval('Approve the service', 'The database stands. Go on to the service?'),
        work('Tasks', 2, (report) => startTasks(world, report, settings)),
        work('Integration test', 3, (report) => runIntegrationTest(world, report)),
      ],
    },
  ];
}

function work(name: string, runOrder: number, run: (report: (line: string) => void) => Promise<void>) {
  return { name, runOrder, rehearsed: { as: 'work', run } } as const;
}

function approval(name: string, question: string) {
  return { name, runOrder: 1, rehearsed: { as: 'approval', question } } as const;
}
