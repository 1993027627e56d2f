import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { stateRoot } from '../../processes/state-root.ts';
import { startDirectory } from '../directories.ts';
import { checkMachine } from '../preflight.ts';
import { provisionMusicDatabase, provisionUser } from '../provisioning.ts';
import { createRehearsal, rehearsalDirectory } from '../rehearsal.ts';
import { startDatabase } from '../sql-server.ts';
import { doctorSubject, runningRehearsal, signInOf } from './doctor-file.ts';
import { type DoctorRunSettings, runDoctor } from './run-doctor.ts';

/**
 * `npm start -- doctor`: examines the running rehearsal, or, if none runs, a domain and a SQL Server started for this
 * purpose.
 *
 * @returns the doctor's exit code; 130 if it was interrupted
 */
export async function doctorMain(words: readonly string[], signal: AbortSignal): Promise<number> {
  const command = new Command('npm start -- doctor')
    .description(
      "Checks a service's connection to SQL Server in the rehearsal step by step, and shows what is wrong.",
    )
    .option('--service <name>', 'the service to check', 'web')
    .option('--json', 'print one JSON document at the end', false)
    .option(
      '--report <team or file>',
      'report for the network, directory or database team; a file name: for all teams',
    )
    .option('--state <folder>', 'folder of the rehearsal; default: the one that npm start uses', (folder) =>
      resolve(folder),
    )
    .allowExcessArguments(false)
    .parse(words, { from: 'user' });
  const { service, json, report, state } = command.opts<{
    service: string;
    json: boolean;
    report?: string;
    state?: string;
  }>();
  const settings: DoctorRunSettings = {
    ...{ json, report, signal },
    print: (text) => console.log(text),
    say: (text) => console.error(text),
  };
  const root = stateRoot();
  const folder = await folderIn(root);
  try {
    const running = await runningRehearsal(state ?? rehearsalDirectory(root), service);
    if (running) return await runDoctor(running, folder, settings);
    settings.say('No rehearsal runs, so a domain and a SQL Server are started for this check.');
    return await examineAlone(service, folder, settings, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function examineAlone(
  service: string,
  folder: string,
  settings: DoctorRunSettings,
  signal: AbortSignal,
): Promise<number> {
  await checkMachine({ port: 0 });
  await using cleanUp = new AsyncDisposableStack();
  const rehearsal = await createRehearsal({ port: 0, stateDirectory: join(folder, 'rehearsal') });
  cleanUp.defer(() => rehearsal.dispose());
  // Report a wrong service name before anything is started.
  signInOf(rehearsal.names, service);
  const steps = [startDirectory, provisionUser, startDatabase, provisionMusicDatabase];
  for (const step of steps) {
    if (signal.aborted) return 130;
    await step(rehearsal, () => {});
  }
  // Await the doctor here: the domain and the server end when this function returns.
  return await runDoctor(await doctorSubject(rehearsal, service), folder, settings);
}

/** The doctor runs as the sidecar's user, who must be able to enter this folder. */
async function folderIn(root: string): Promise<string> {
  await mkdir(root, { recursive: true });
  const folder = await mkdtemp(join(root, 'doctor-'));
  await chmod(folder, 0o711);
  return folder;
}
