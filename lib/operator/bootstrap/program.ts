import { ECRClient } from '@aws-sdk/client-ecr';
import { Command } from 'commander';
import { awsClient } from '../../aws/clients.ts';
import { explainAwsError } from '../../aws/errors.ts';
import { printable, printableJson } from '../../aws/plain-text.ts';
import { refuseContextQualifier } from '../../config/bootstrap-names.ts';
import type { Deployment } from '../../config/index.ts';
import { accessTo, currentAccount, stacksOf } from './account.ts';
import { bootstrapArguments, wantedBootstrap } from './cdk-bootstrap.ts';
import { findings } from './check.ts';
import { deployPolicy } from './deploy-policy.ts';
import { neighbourProblems, policyPlace } from './neighbours.ts';
import { type BootstrapPlace, bootstrapPlaces } from './places.ts';
import { type Preflight, preflight } from './preflight/preflight.ts';
import { printCommands, title } from './print-commands.ts';
import { writeTemplate } from './write-template.ts';

export interface BootstrapOptions {
  readonly deployment: () => Deployment;
  /** The CDK context of cdk.json. */
  readonly context: () => Readonly<Record<string, unknown>>;
  readonly print: (line: string) => void;
  /** Receives a line when AWS keeps us waiting. */
  readonly say?: (line: string) => void;
  /** Aborts everything. */
  readonly signal?: AbortSignal;
  /** Runs `cdk` with these arguments in the foreground; rejects unless it succeeds. */
  readonly cdk: (words: readonly string[]) => Promise<void>;
  /** What `cdk bootstrap --show-template` prints. */
  readonly shownTemplate: () => Promise<string>;
  /** The folder for the templates that are passed to the CDK. */
  readonly directory: string;
  /** Called when something is missing. */
  readonly fail: () => void;
  readonly pollSeconds?: number;
}

interface Words {
  readonly check: boolean;
  readonly print: boolean;
  readonly json: boolean;
  readonly takeOver: boolean;
}

/** The options, with the configuration loaded. */
export interface Run extends Omit<BootstrapOptions, 'deployment' | 'context'> {
  readonly deployment: Deployment;
  readonly json: boolean;
  readonly takeOver: boolean;
}

/** The command line of `npm run bootstrap --`. */
export function bootstrapProgram(options: BootstrapOptions): Command {
  return new Command('npm run bootstrap --')
    .description('Prepares, once, every account for the pipeline: sign in to each and run this there.')
    .option('--check', 'change nothing: say what is missing; from the tools account, in all accounts', false)
    .option('--print', 'change nothing, ask nothing: print the commands for every account', false)
    .option('--json', 'with --print and --check: print JSON, for programs', false)
    .option(
      '--take-over',
      'change a bootstrap of our name that has other parameters; the other checks remain',
      false,
    )
    .exitOverride()
    .action(async ({ check, print, json, takeOver }: Words) => {
      refuseContextQualifier(options.context());
      const show = (lines: string) => options.print(json ? printableJson(lines) : printable(lines, false));
      const run = { ...options, deployment: options.deployment(), print: show, json, takeOver };
      if (print) await printCommands(run);
      else if (check) await checkPlaces(run);
      else await bootstrap(run);
    });
}

async function bootstrap(run: Run): Promise<void> {
  const { deployment, print, cdk, fail, pollSeconds, signal, say } = run;
  const waiting = { signal, say };
  const current = await currentAccount(deployment.tools.region, waiting);
  const places = bootstrapPlaces(deployment);
  const here = places.filter(({ account }) => account === current);
  if (here.length === 0) {
    print(
      `The account ${current}, which these credentials are for, does not belong to this deployment, whose accounts are:`,
    );
    for (const place of places) print(`  ${title(place)}`);
    fail();
    return;
  }
  if (!(await isFree(run, here, current))) return;
  const stacksIn = (place: BootstrapPlace) => stacksOf(place, { current, deployment, ...waiting });
  const withPolicies = await policyPlace(here, deployment, stacksIn);
  if (withPolicies) {
    const wanted = wantedBootstrap(deployment, withPolicies);
    const done = await deployPolicy(stacksIn(withPolicies), deployment, current, pollSeconds);
    print(`${wanted.executionPolicy}: ${done}`);
  }
  for (const place of here) {
    print(`— ${title(place)}`);
    await cdk(bootstrapArguments(place, wantedBootstrap(deployment, place), await writeTemplate(run, place)));
  }
  const left = places.filter(({ account }) => account !== current);
  if (left.length > 0) {
    print(
      'These accounts must be bootstrapped, too, unless they already are: sign in to each and run this again.',
    );
    for (const place of left) print(`  ${title(place)}`);
  }
  print('Then, in the tools account: npm run bootstrap -- --check');
}

/** Checks, before anything is changed, that other applications are not affected in any region of the account. */
async function isFree(run: Run, here: readonly BootstrapPlace[], current: string): Promise<boolean> {
  const { deployment, print, fail, signal, say, takeOver } = run;
  let free = true;
  for (const place of here) {
    const wanted = wantedBootstrap(deployment, place);
    const access = accessTo(place, { current, deployment, signal, say });
    const clients = {
      stacks: stacksOf(place, { current, deployment, signal, say }),
      registry: awsClient(ECRClient, access),
    };
    const problems = await neighbourProblems(clients, deployment, place, { ...wanted, takeOver });
    if (problems.length === 0) continue;
    free = false;
    print(`✘ ${title(place)}`);
    for (const problem of problems) print(`    ${problem}`);
  }
  if (!free) {
    print('Nothing was changed.');
    fail();
  }
  return free;
}

interface CheckedPlace extends Pick<BootstrapPlace, 'account' | 'region' | 'purposes'> {
  /** Problems of the bootstrap, a sentence for each. */
  readonly findings: readonly string[];
  /** Findings in the account itself; only with its own credentials. */
  readonly preflight: readonly Preflight[];
}

async function checkPlaces(run: Run): Promise<void> {
  const { deployment, print, json, fail, signal, say } = run;
  const current = await currentAccount(deployment.tools.region, { signal, say });
  const checked: CheckedPlace[] = [];
  for (const place of bootstrapPlaces(deployment)) {
    const { account, region, purposes } = place;
    const own = account === current;
    const result = {
      ...{ account, region, purposes },
      findings: await placeFindings(run, place, current),
      preflight: own ? await preflight(deployment, place, { region, signal, say }) : [],
    };
    checked.push(result);
    if (!json) for (const line of checkedLines(result)) print(line);
    if (isWrong(result)) fail();
  }
  if (json) print(JSON.stringify({ account: current, places: checked }, undefined, 2));
  if (deployment.environments.some(({ account }) => account !== current))
    say?.('An account can only be checked completely with its own credentials: run this in every account.');
}

function isWrong({ findings, preflight: looks }: CheckedPlace): boolean {
  return findings.length > 0 || looks.some((look) => look.findings.length > 0);
}

function checkedLines(place: CheckedPlace): string[] {
  return [
    `${isWrong(place) ? '✘' : '✔'} ${title(place)}`,
    ...place.findings.map((finding) => `    ${finding}`),
    ...place.preflight.flatMap(({ environment, when, findings }) => [
      `    ${environment}, ${when}: ${findings.length === 0 ? 'no problems found.' : ''}`.trimEnd(),
      ...findings.map(({ check, message, remedy }) => `      ${check}: ${message} ${remedy}`),
    ]),
  ];
}

async function placeFindings(run: Run, place: BootstrapPlace, current: string): Promise<string[]> {
  const { deployment, signal, say } = run;
  const stacksIn = (other: BootstrapPlace) => stacksOf(other, { current, deployment, signal, say });
  try {
    const ofAccount = bootstrapPlaces(deployment).filter(({ account }) => account === place.account);
    const holder = await policyPlace(ofAccount, deployment, stacksIn);
    const looked = { ...place, holdsPolicy: holder?.region === place.region };
    return await findings(stacksIn(place), deployment, looked, wantedBootstrap(deployment, place));
  } catch (error) {
    signal?.throwIfAborted();
    return [
      place.account === current
        ? explainAwsError(error)
        : `It cannot be checked from ${current}: it is not bootstrapped, or does not trust this account. ${explainAwsError(error)}`,
    ];
  }
}
