// The entry point of every npm script: sets up what is missing, then runs a TypeScript program with a recent enough
// Node.js. It is plain JavaScript without packages because a fresh clone has only the machine's Node.js (≥ 20).
//
//   node local/setup/run.mjs [--for PURPOSE] PROGRAM [ARGUMENT…]
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureDebianPackages } from './debian-packages.mjs';
import { ensureKerberosAddon, ensureNodeModules, folderOf, projectNode } from './node-modules.mjs';
import { giveBack, refuseOtherPlatforms, repository, SetupError, withPrivileges } from './steps.mjs';
import { checkSurroundings, cleanEnvironment } from './surroundings.mjs';

/**
 * For each purpose: the groups of debian-packages.json it needs, whether it needs the Kerberos addon and root, and how
 * much room for temporary files, in MiB.
 */
const purposes = {
  lint: { groups: [], addon: false, root: false, room: 0 },
  unit: { groups: [], addon: false, root: false, room: 200 },
  synth: { groups: [], addon: false, root: false, room: 80 },
  release: { groups: [], addon: false, root: false, room: 0 },
  rehearsal: { groups: ['base', 'rehearsal'], addon: true, root: true, room: 200 },
  test: { groups: ['base', 'rehearsal', 'test'], addon: true, root: true, room: 200 },
  bench: { groups: ['base', 'rehearsal', 'test', 'bench', 'containers'], addon: true, root: true, room: 200 },
  containers: { groups: ['base', 'rehearsal', 'test', 'containers'], addon: true, root: true, room: 200 },
};

try {
  const { purpose, program, programArguments } = parse(process.argv.slice(2));
  const { groups, addon, root, room } = purposes[purpose];
  if (groups.length > 0) refuseOtherPlatforms(process.platform);
  checkSurroundings({ addon, room });
  await ensureDebianPackages(groups);
  await ensureNodeModules();
  if (addon) await ensureKerberosAddon();
  await run(program, programArguments, { root });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

function parse(words) {
  let purpose = 'rehearsal';
  if (words[0] === '--for') [, purpose] = words.splice(0, 2);
  const [program, ...programArguments] = words;
  if (!program || !(purpose in purposes)) {
    throw new SetupError(
      `usage: node local/setup/run.mjs [--for ${Object.keys(purposes).join('|')}] PROGRAM [ARGUMENT…]`,
    );
  }
  // The same program, but containers need more set-up.
  if (purpose === 'rehearsal' && programArguments.includes('--containers')) purpose = 'containers';
  return { purpose, program, programArguments };
}

/** Runs the program in the foreground and exits with its exit code. The program decides what our signals mean. */
async function run(program, programArguments, { root }) {
  const node = projectNode({ root });
  const environment = {
    ...cleanEnvironment(process.env),
    PATH: [folderOf(node), join(repository, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  };
  const words = [
    node,
    '--disable-warning=ExperimentalWarning',
    join(repository, program),
    ...programArguments,
  ];
  const [command, ...args] = root ? withPrivileges(words, environment) : words;
  const child = spawn(command, args, { cwd: repository, env: environment, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // The terminal sends Ctrl-C (SIGINT) to the child as well, so pass on the other signals only.
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  }
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  process.exitCode = code ?? 128 + constants.signals[signal];
  if (root) giveBack(['.state', 'cdk.out', 'docs/generated']);
}
