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

/** The commands that a user can type while a rehearsal runs: faults, and an operator's everyday tasks. */
const commands: Readonly<Record<string, Command>> = {
  'directory stop': {
    does: 'stop the domain controller; open connections and existing tickets keep working',
    run: (rehearsal) => rehearsal.part('domain').stop(),
  },
  'directory start': {
    does: 'start the domain controller again, even if it was killed',
    run: (rehearsal) => rehearsal.part('domain').start(),
  },
  failover: {
    does: 'replace the SQL Server host and its key under load, and report how many requests fail and for how long',
    run: async (rehearsal) => rehearsal.report(describeFailover(await failOverUnderLoad(rehearsal))),
  },
  'database failover': {
    does: 'close all connections to SQL Server, as a failover to its standby does',
    run: (rehearsal) => rehearsal.part('sqlServer').failOver(),
  },
  doctor: {
    does: "check the service's connection to SQL Server step by step (from another terminal: npm start -- doctor)",
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

/** All commands, including those of the further services. */
function commandsOf(rehearsal: Rehearsal): Readonly<Record<string, Command>> {
  const further = rehearsal.names.services.flatMap((rehearsed): [string, Command][] => {
    const { name, kind } = rehearsed.service;
    return [
      [
        `doctor ${name}`,
        {
          does: `check the connection of ${name} to SQL Server, as doctor does for web`,
          run: (rehearsal) => examine(rehearsal, name),
        },
      ],
      kind !== 'job'
        ? [
            `rotate ${name}`,
            {
              does: `rotate the password of the directory user of ${name} and replace its tasks`,
              run: (rehearsal) => rotatePassword(rehearsal, name),
            },
          ]
        : [
            `run ${name}`,
            {
              does: `run ${name} again`,
              run: async (rehearsal) => void (await runJob(rehearsal, rehearsed, rehearsal.report)),
            },
          ],
    ];
  });
  return { ...commands, ...Object.fromEntries(further) };
}

/**
 * Reads commands from a stream until it ends, one per line. Runs them one at a time and reports the outcome of each. A
 * command that fails is reported and does not stop the others.
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

/** The list of commands with their descriptions, for the user. */
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
