// `npm start`: rehearses the delivery on this machine, then serves the page until Ctrl-C.
import { createInterface } from 'node:readline/promises';
import { describeCommands, readCommands } from './rehearsal/commands.ts';
import { checkMachine } from './rehearsal/preflight.ts';
import { readSettings } from './rehearsal/settings.ts';
import { stagesOf } from './rehearsal/stages.ts';
import { stateRoot } from './rehearsal/state-root.ts';
import { walk } from './rehearsal/walk.ts';
import { createWorld, rehearsalDirectory, type World } from './rehearsal/world.ts';

const settings = readSettings(process.argv.slice(2));
let world: World | undefined;
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

try {
  await checkMachine(settings);
  const stateDirectory = settings.state ?? rehearsalDirectory(stateRoot());
  world = await createWorld({ ...settings, stateDirectory, report });
  console.log(`Everything is below ${stateDirectory}; the logs are in its folder "logs".\n`);
  await walk(await stagesOf(world, settings), {
    fail: settings.fail,
    ...(settings.approve ? { approve: ask } : {}),
  });
  delivered = true;
  if (settings.once) await end(0);
  invite(world);
  readCommands(world, process.stdin);
  await interrupted.promise;
} catch (error) {
  if (!ending) console.error(`\n${(error as Error).message}`);
  await end(1);
}

/** Ends all that was started, and then this program; a second call waits for the first. */
function end(code: number): Promise<never> {
  ending ??= (async () => {
    await world?.dispose().catch((error: Error) => console.error(`While stopping: ${error.message}`));
    process.exit(code);
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

function invite({ parts, names, stateDirectory }: World): void {
  const sql = world?.network.address(20);
  console.log(`
The page: ${parts.loadBalancer?.url}
Windows login ${names.login}, database ${names.database} on ${names.sqlServer} (${sql}:1433)
To look around as a domain member does:
  export KRB5_CONFIG=${parts.domain?.krb5Conf} LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_HOSTS=${parts.domain?.hosts}
  klist -A ${stateDirectory}/tasks/task-1/scratch/krbcache

Type a command, then Enter:
${describeCommands()}
Ctrl-C stops everything.`);
}
