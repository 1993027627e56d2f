// `npm start`: rehearses the delivery on this machine, then serves the page until Ctrl-C; `npm start -- doctor`
// examines the way to SQL Server in it.
import { createInterface } from 'node:readline/promises';
import { doctorFailed } from '@packages/contracts';
import { watchOutput } from '../lib/operator/output.ts';
import { stateRoot } from './processes/state-root.ts';
import { writeClientFiles } from './rehearsal/client-files.ts';
import { describeCommands, readCommands } from './rehearsal/commands.ts';
import { describeServices } from './rehearsal/describe-services.ts';
import { secretsFile } from './rehearsal/directories.ts';
import { writeDoctorFile } from './rehearsal/doctor/doctor-file.ts';
import { summary } from './rehearsal/outcome.ts';
import { checkMachine } from './rehearsal/preflight.ts';
import { createRehearsal, type Rehearsal, rehearsalDirectory } from './rehearsal/rehearsal.ts';
import { readSettings } from './rehearsal/settings.ts';
import { stagesOf } from './rehearsal/stages.ts';
import { walk } from './rehearsal/walk.ts';

if (process.argv[2] === 'doctor') {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  watchOutput(() => stop.abort());
  const { doctorMain } = await import('./rehearsal/doctor/main.ts');
  process.exit(
    await doctorMain(process.argv.slice(3), stop.signal).catch((error: Error) => {
      console.error(error.message);
      return doctorFailed;
    }),
  );
}

const settings = readSettings(process.argv.slice(2));
let rehearsal: Rehearsal | undefined;
let ending: Promise<never> | undefined;
const interrupted = Promise.withResolvers<void>();
let delivered = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    console.log('\nStopping everything …');
    interrupted.resolve();
    void end(delivered ? 0 : 130);
  });
}
// Nobody reads our output any more, as when `head` has ended: then everything is stopped.
watchOutput(() => process.kill(process.pid, 'SIGTERM'));

try {
  await checkMachine(settings);
  const stateDirectory = settings.state ?? rehearsalDirectory(stateRoot());
  rehearsal = await createRehearsal({ ...settings, stateDirectory, report });
  console.log(`Everything is below ${stateDirectory}; the logs are in its folder "logs".\n`);
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

/** Ends all that was started, and then this program; a second call waits for the first. */
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

The Windows login ${names.login} reads ${names.database} on ${names.sqlServer} (${network.address(20)}:${names.port}).${describeServices(rehearsed)}
To look around as a member of the domain (passwords: ${secretsFile(stateDirectory)}):
  . ${environment}
  klist ${stateDirectory}/tasks/${rehearsed.part('service').tasks[0]?.name}/scratch/krbcache
  kinit ${names.directoryUser} && tsql -S ${names.instance}

Type a command, then Enter:
${describeCommands(rehearsed)}
Ctrl-C stops everything.`);
}
