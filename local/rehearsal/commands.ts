import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { doctorPlace } from './doctor/doctor-file.ts';
import { runDoctor } from './doctor/run-doctor.ts';
import { describeFailover, failOverUnderLoad } from './failover.ts';
import { runJob } from './further-services.ts';
import { rotatePassword } from './provisioning.ts';
import type { World } from './world.ts';

interface Command {
  readonly does: string;
  readonly run: (world: World) => Promise<void>;
}

/** What can be done to a running rehearsal, by typing it: the faults and the work of an operator's day. */
const commands: Readonly<Record<string, Command>> = {
  'directory stop': {
    does: 'stop the domain controller: requests go on, and the tickets that are there',
    run: (world) => world.part('domain').stop(),
  },
  'directory start': {
    does: 'start it again, also after it was killed',
    run: (world) => world.part('domain').start(),
  },
  failover: {
    does: 'replace the host of SQL Server, its key included, under load: tells how many requests fail, and for how long',
    run: async (world) => world.report(describeFailover(await failOverUnderLoad(world))),
  },
  'database failover': {
    does: 'end all connections to SQL Server, as a failover to its standby does',
    run: (world) => world.part('sqlServer').failOver(),
  },
  doctor: {
    does: "go the service's way to SQL Server step by step; in another terminal: npm start -- doctor",
    run: (world) => examine(world),
  },
  rotate: {
    does: "rotate the directory user's password and replace the tasks, one at a time",
    run: (world) => rotatePassword(world),
  },
  deploy: {
    does: 'replace the tasks, one at a time',
    run: (world) => world.part('service').deploy(),
  },
};

async function examine(world: World, service = 'web'): Promise<void> {
  const folder = join(world.stateDirectory, 'doctor');
  await mkdir(folder, { recursive: true });
  const print = (text: string) => console.log(text);
  const place = await doctorPlace(world, service);
  await runDoctor(place, folder, { json: false, report: undefined, print, say: print });
}

/** The commands there are, with those of the services beside web. */
function commandsOf(world: World): Readonly<Record<string, Command>> {
  const further = world.names.services.flatMap((rehearsed): [string, Command][] => {
    const { name, kind } = rehearsed.service;
    return [
      [`doctor ${name}`, { does: `the same for the way of ${name}`, run: (world) => examine(world, name) }],
      kind !== 'job'
        ? [
            `rotate ${name}`,
            {
              does: `the same for the user of ${name}`,
              run: (world) => rotatePassword(world, name),
            },
          ]
        : [
            `run ${name}`,
            {
              does: `run ${name} once more`,
              run: async (world) => void (await runJob(world, rehearsed, world.report)),
            },
          ],
    ];
  });
  return { ...commands, ...Object.fromEntries(further) };
}

/**
 * Reads commands from a stream, a line each, until it ends; one at a time, each with its outcome reported.
 * A command that fails is reported and changes nothing else.
 */
export function readCommands(world: World, input: NodeJS.ReadableStream): void {
  const lines = createInterface({ input, terminal: false });
  let previous = Promise.resolve();
  lines.on('line', (line) => {
    const words = line.trim().replace(/\s+/g, ' ');
    if (words === '') return;
    previous = previous.then(() => runCommand(world, words));
  });
}

/** The commands with what they do, for a person. */
export function describeCommands(world: World): string {
  return Object.entries(commandsOf(world))
    .map(([name, { does }]) => `  ${name.padEnd(18)} ${does}`)
    .join('\n');
}

async function runCommand(world: World, words: string): Promise<void> {
  const command = commandsOf(world)[words];
  if (!command) {
    world.report(`There is no command ${JSON.stringify(words)}; there are:\n${describeCommands(world)}`);
    return;
  }
  try {
    await command.run(world);
    world.report(`${words}: done`);
  } catch (error) {
    world.report(`${words} failed: ${(error as Error).message}`);
  }
}
