import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { doctorSubject } from './doctor/doctor-file.ts';
import { runDoctor } from './doctor/run-doctor.ts';
import { describeFailover, failOverUnderLoad } from './failover.ts';
import { runJob } from './further-services.ts';
import { rotatePassword } from './provisioning.ts';
import type { Rehearsal } from './rehearsal.ts';

interface Command {
  readonly does: string;
  readonly run: (rehearsal: Rehearsal) => Promise<void>;
}

/** What can be done to a running rehearsal, by typing it: the faults and the work of an operator's day. */
const commands: Readonly<Record<string, Command>> = {
  'directory stop': {
    does: 'stop the domain controller: requests go on, and the tickets that are there',
    run: (rehearsal) => rehearsal.part('domain').stop(),
  },
  'directory start': {
    does: 'start it again, also after it was killed',
    run: (rehearsal) => rehearsal.part('domain').start(),
  },
  failover: {
    does: 'replace the host of SQL Server, its key included, under load: tells how many requests fail, and for how long',
    run: async (rehearsal) => rehearsal.report(describeFailover(await failOverUnderLoad(rehearsal))),
  },
  'database failover': {
    does: 'end all connections to SQL Server, as a failover to its standby does',
    run: (rehearsal) => rehearsal.part('sqlServer').failOver(),
  },
  doctor: {
    does: "go the service's way to SQL Server step by step; in another terminal: npm start -- doctor",
    run: (rehearsal) => examine(rehearsal),
  },
  rotate: {
    does: "rotate the directory user's password and replace the tasks, one at a time",
    run: (rehearsal) => rotatePassword(rehearsal),
  },
  deploy: {
    does: 'replace the tasks, one at a time',
    run: (rehearsal) => rehearsal.part('service').deploy(),
  },
};

async function examine(rehearsal: Rehearsal, service = 'web'): Promise<void> {
  const folder = join(rehearsal.stateDirectory, 'doctor');
  await mkdir(folder, { recursive: true });
  const print = (text: string) => console.log(text);
  const subject = await doctorSubject(rehearsal, service);
  await runDoctor(subject, folder, { json: false, report: undefined, print, say: print });
}

/** The commands there are, with those of the further services. */
function commandsOf(rehearsal: Rehearsal): Readonly<Record<string, Command>> {
  const further = rehearsal.names.services.flatMap((rehearsed): [string, Command][] => {
    const { name, kind } = rehearsed.service;
    return [
      [
        `doctor ${name}`,
        {
          does: `go the way of ${name} to SQL Server, as doctor goes that of web`,
          run: (rehearsal) => examine(rehearsal, name),
        },
      ],
      kind !== 'job'
        ? [
            `rotate ${name}`,
            {
              does: `rotate the password of the user of ${name}, and replace its tasks`,
              run: (rehearsal) => rotatePassword(rehearsal, name),
            },
          ]
        : [
            `run ${name}`,
            {
              does: `run ${name} once more`,
              run: async (rehearsal) => void (await runJob(rehearsal, rehearsed, rehearsal.report)),
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
export function readCommands(rehearsal: Rehearsal, input: NodeJS.ReadableStream): void {
  const lines = createInterface({ input, terminal: false });
  let previous = Promise.resolve();
  lines.on('line', (line) => {
    const words = line.trim().replace(/\s+/g, ' ');
    if (words === '') return;
    previous = previous.then(() => runCommand(rehearsal, words));
  });
}

/** The commands with what they do, for a person. */
export function describeCommands(rehearsal: Rehearsal): string {
  return Object.entries(commandsOf(rehearsal))
    .map(([name, { does }]) => `  ${name.padEnd(18)} ${does}`)
    .join('\n');
}

async function runCommand(rehearsal: Rehearsal, words: string): Promise<void> {
  const command = commandsOf(rehearsal)[words];
  if (!command) {
    rehearsal.report(
      `There is no command ${JSON.stringify(words)}; there are:\n${describeCommands(rehearsal)}`,
    );
    return;
  }
  try {
    await command.run(rehearsal);
    rehearsal.report(`${words}: done`);
  } catch (error) {
    rehearsal.report(`${words} failed: ${(error as Error).message}`);
  }
}
