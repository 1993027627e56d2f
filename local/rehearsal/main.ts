import { createInterface } from 'node:readline/promises';
import { watchOutput } from '../../lib/operator/output.ts';
import { stateRoot } from '../processes/state-root.ts';
import { writeClientFiles } from './client-files.ts';
import { describeCommands, readCommands } from './commands.ts';
import { describeServices } from './describe-services.ts';
import { secretsFile } from './directories.ts';
import { writeDoctorFile } from './doctor/doctor-file.ts';
import { summary } from './outcome.ts';
import { checkMachine } from './preflight.ts';
import { createRehearsal, type Rehearsal, rehearsalDirectory } from './rehearsal.ts';
import type { Settings } from './settings.ts';
import { stagesOf } from './stages.ts';
import { walk } from './walk.ts';

let rehearsal: Rehearsal | undefined;
let ending: Promise<never> | undefined;
const interrupted = Promise.withResolvers<void>();
let delivered = false;

/**
 * Rehearses the delivery, then serves the page until Ctrl-C unless `once` is set, and ends this process: with exit code
 * 0 after a delivery, 1 after a failure, 130 if it was interrupted before.
 */
export async function rehearse(settings: Settings): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      console.log('\nStopping everything …');
      interrupted.resolve();
      void end(delivered ? 0 : 130);
    });
  }
  // If the reader of our output goes away (`| head`), stop everything.
  watchOutput(() => process.kill(process.pid, 'SIGTERM'));

  try {
    await checkMachine(settings);
    const stateDirectory = settings.state ?? rehearsalDirectory(stateRoot());
    rehearsal = await createRehearsal({ ...settings, stateDirectory, report });
    console.log(`All files are in ${stateDirectory}, the logs in its subfolder "logs".\n`);
    const stages = await stagesOf(rehearsal, settings);
    await walk(stages, { fail: settings.fail, ...(settings.approve ? { approve: ask } : {}) });
    delivered = true;
    console.log(`\n${summary(stages)}`);
    if (settings.once) await end(0);
    await invite(rehearsal);
    readCommands(rehearsal, process.stdin);
    await interrupted.promise;
  } catch (error) {
    if (!ending) console.error(`\n${(error as Error).message}`);
    await end(1);
  }
}

/** Stops everything that was started, then ends this process. A second call waits for the first. */
function end(code: number): Promise<never> {
  ending ??= (async () => {
    let isStopped = true;
    await rehearsal?.dispose().catch((error: Error) => {
      console.error(`While stopping: ${error.message}`);
      isStopped = false;
    });
    process.exit(isStopped ? code : 1);
  })();
  return ending;
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test(await terminal.question(`${question} [y/N] `));
  } finally {
    terminal.close();
  }
}

function report(event: string): void {
  console.log(`${new Date().toTimeString().slice(0, 8)} ${event}`);
}

async function invite(rehearsed: Rehearsal): Promise<void> {
  const { names, network, stateDirectory } = rehearsed;
  const environment = await writeClientFiles(rehearsed);
  await writeDoctorFile(rehearsed);
  console.log(`
The page: ${rehearsed.part('loadBalancer').url}

The service signs in as ${names.login} and reads ${names.database} on ${names.sqlServer} (${network.address(20)}:${names.port}).${describeServices(rehearsed)}
To explore as a member of the domain (passwords: ${secretsFile(stateDirectory)}):
  . ${environment}
  klist ${stateDirectory}/tasks/${rehearsed.part('service').tasks[0]?.name}/scratch/krbcache
  kinit ${names.directoryUser} && tsql -S ${names.instance}

Type a command, then Enter:
${describeCommands(rehearsed)}
Ctrl-C stops everything.`);
}
