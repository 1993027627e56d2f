import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { explainAwsError } from '../../aws/errors.ts';
import type { Deployment } from '../../config/index.ts';
import { currentAccount, stacksOf } from './account.ts';
import { bootstrapArguments, wantedBootstrap } from './cdk-bootstrap.ts';
import { findings } from './check.ts';
import { deployPolicy } from './deploy-policy.ts';
import { executionPolicy } from './execution-policy.ts';
import { permissionsBoundary } from './permissions-boundary.ts';
import { type BootstrapPlace, bootstrapPlaces } from './places.ts';
import { toolkitTemplate } from './toolkit-template.ts';

export interface BootstrapOptions {
  readonly deployment: () => Deployment;
  /** The CDK context of cdk.json. */
  readonly context: () => Readonly<Record<string, unknown>>;
  readonly print: (line: string) => void;
  /** Told when AWS keeps us waiting. */
  readonly say?: (line: string) => void;
  /** Ends everything. */
  readonly signal?: AbortSignal;
  /** Runs `cdk` with these arguments in the foreground; rejects unless it succeeds. */
  readonly cdk: (words: readonly string[]) => Promise<void>;
  /** What `cdk bootstrap --show-template` prints. */
  readonly shownTemplate: () => Promise<string>;
  /** The folder for the templates that the CDK is given. */
  readonly directory: string;
  /** Told that something is missing. */
  readonly fail: () => void;
  readonly pollSeconds?: number;
}

/** The command line of `npm run bootstrap --`. */
export function bootstrapProgram(options: BootstrapOptions): Command {
  return new Command('npm run bootstrap --')
    .description('Prepares, once, every account for the pipeline: sign in to each and run this there.')
    .option('--check', 'change nothing: say what is missing; from the tools account, in all accounts', false)
    .option('--print', 'change nothing, ask nothing: print the commands for every account', false)
    .option('--json', 'with --print: the commands and the policies, for programs', false)
    .exitOverride()
    .action(async ({ check, print, json }: { check: boolean; print: boolean; json: boolean }) => {
      const run = { ...options, deployment: options.deployment(), context: options.context() };
      if (print) await printCommands(run, json);
      else if (check) await checkPlaces(run);
      else await bootstrap(run);
    });
}

/** The options, with the configuration read. */
interface Run extends Omit<BootstrapOptions, 'deployment' | 'context'> {
  readonly deployment: Deployment;
  readonly context: Readonly<Record<string, unknown>>;
}

function title({ account, region, purposes }: BootstrapPlace): string {
  return `${purposes.join(', ')} (${account}, ${region})`;
}

/** Prints what would be done; the templates that the commands name are written. */
async function printCommands(run: Run, json: boolean): Promise<void> {
  const { deployment, context, print } = run;
  const places = await Promise.all(
    bootstrapPlaces(deployment).map(async (place) => {
      const wanted = wantedBootstrap(deployment, place, context);
      return { place, words: bootstrapArguments(place, wanted, await writeTemplate(run, place)) };
    }),
  );
  if (json) {
    const described = places.map(({ place: { account, region, purposes }, words }) => ({
      account,
      region,
      purposes,
      command: ['npx', 'cdk', ...words],
      executionPolicy: executionPolicy(deployment, account),
      permissionsBoundary: permissionsBoundary(deployment, account),
    }));
    print(JSON.stringify(described, null, 2));
    return;
  }
  for (const { place, words } of places) {
    print(`# ${title(place)}`);
    print(`npx cdk ${words.join(' ')}`);
  }
}

/** @returns the file with the template of the bootstrap for one place */
async function writeTemplate(
  { deployment, directory, shownTemplate }: Run,
  place: BootstrapPlace,
): Promise<string> {
  const file = join(directory, `bootstrap-${place.account}-${place.region}.json`);
  const template = toolkitTemplate(await shownTemplate(), deployment, place);
  await mkdir(directory, { recursive: true });
  await writeFile(file, template);
  return file;
}

async function bootstrap(options: Run): Promise<void> {
  const { deployment, context, print, cdk, fail, pollSeconds, signal, say } = options;
  const current = await currentAccount(deployment.tools.region, { signal, say });
  const places = bootstrapPlaces(deployment);
  const here = places.filter(({ account }) => account === current);
  if (here.length === 0) {
    print(`The account ${current}, which these credentials are for, is none of this deployment's:`);
    for (const place of places) print(`  ${title(place)}`);
    fail();
    return;
  }
  for (const place of here) {
    const wanted = wantedBootstrap(deployment, place, context);
    print(`— ${title(place)}`);
    if (place.holdsPolicy) {
      const client = stacksOf(place, { current, deployment, signal, say });
      print(`${wanted.executionPolicy}: ${await deployPolicy(client, deployment, current, pollSeconds)}`);
    }
    await cdk(bootstrapArguments(place, wanted, await writeTemplate(options, place)));
  }
  const left = places.filter(({ account }) => account !== current);
  if (left.length > 0) {
    print(
      'These accounts have to be bootstrapped too, unless they have been: sign in to each and run this again.',
    );
    for (const place of left) print(`  ${title(place)}`);
  }
  print('Then, in the tools account: npm run bootstrap -- --check');
}

async function checkPlaces(options: Run): Promise<void> {
  const { deployment, context, print, fail, signal, say } = options;
  const current = await currentAccount(deployment.tools.region, { signal, say });
  for (const place of bootstrapPlaces(deployment)) {
    const wanted = wantedBootstrap(deployment, place, context);
    const found = await findings(
      stacksOf(place, { current, deployment, signal, say }),
      deployment,
      place,
      wanted,
    ).catch((error: unknown) => {
      signal?.throwIfAborted();
      return [
        place.account === current
          ? explainAwsError(error)
          : `From ${current} it cannot be looked at: it is not bootstrapped, or does not trust this account. ${explainAwsError(error)}`,
      ];
    });
    print(`${found.length === 0 ? '✔' : '✘'} ${title(place)}`);
    for (const finding of found) print(`    ${finding}`);
    if (found.length > 0) fail();
  }
}
