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
 * `npm start -- doctor`: examines the rehearsal that runs, or else a domain and a SQL Server that it starts for that.
 *
 * @returns the doctor's exit code; 130 when it was interrupted
 */
export async function doctorMain(words: readonly string[], signal: AbortSignal): Promise<number> {
  const command = new Command('npm start -- doctor')
    .description("Goes a service's way to SQL Server in the rehearsal, and shows what is wrong with it.")
    .option('--service <name>', 'whose way', 'web')
    .option('--json', 'one document, at the end', false)
    .option(
      '--report <team or file>',
      'what to hand to the network, directory or database team; a file: for all',
    )
    .option('--state <folder>', 'of the rehearsal; default: where npm start keeps it', (folder) =>
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
    settings.say('No rehearsal runs: a domain and a SQL Server are started for this.');
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
  // Report a wrong name before anything starts.
  signInOf(rehearsal.names, service);
  const steps = [startDirectory, provisionUser, startDatabase, provisionMusicDatabase];
  for (const step of steps) {
    if (signal.aborted) return 130;
    await step(rehearsal, () => {});
  }
  // What is used here ends when this returns.
  return await runDoctor(await doctorSubject(rehearsal, service), folder, settings);
}

/** The doctor runs as the sidecar's user. */
async function folderIn(root: string): Promise<string> {
  await mkdir(root, { recursive: true });
  const folder = await mkdtemp(join(root, 'doctor-'));
  await chmod(folder, 0o711);
  return folder;
}
