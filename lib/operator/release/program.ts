import { Command, InvalidArgumentError } from 'commander';
import { confirm } from '../confirm.ts';
import { answerApproval } from './commands/answer-approval.ts';
import { printDatabaseScript } from './commands/database-script.ts';
import { doctor } from './commands/doctor.ts';
import { recover } from './commands/recover.ts';
import { rollback } from './commands/rollback.ts';
import { status } from './commands/status.ts';
import { test } from './commands/test.ts';
import { unlock } from './commands/unlock.ts';
import { type VerifyOptions, verify } from './commands/verify.ts';
import { watch } from './commands/watch.ts';
import type { ReleaseContext } from './context.ts';
import { web } from './services.ts';

export interface ProgramOptions {
  /** Creates the context when a command is about to run; credentials are not needed before. */
  readonly context: (options: { json: boolean; intervalSeconds: number }) => ReleaseContext;
  /** Called when the result is negative, such as a failed test or execution. */
  readonly fail: (exitCode?: number) => void;
}

/** The command line of `npm run release --`. */
export function releaseProgram({ context, fail }: ProgramOptions): Command {
  const program = new Command('npm run release --')
    .description(
      'Inspects the delivery pipeline, answers its approvals, and tests and rolls back environments.',
    )
    .option('--json', 'print JSON, for programs', false)
    .option('--interval <seconds>', 'seconds between two looks at AWS', seconds, 3)
    .exitOverride()
    .showHelpAfterError('(--help lists the commands)');
  const make = () => {
    const { json, interval } = program.opts<{ json: boolean; interval: number }>();
    return context({ json, intervalSeconds: interval });
  };

  program
    .command('status')
    .description('where each commit is: per environment, on its way, waiting for an approval')
    .action(() => status(make()));
  program
    .command('watch')
    .argument('[execution]', 'beginning of an execution id or of a commit; default: the newest')
    .description('follow an execution to its end, stage by stage; exit code 1 unless it succeeds')
    .action(async (execution: string | undefined) => {
      if (!(await watch(make(), execution))) fail();
    });
  for (const [name, word] of [
    ['approve', 'Approved'],
    ['reject', 'Rejected'],
  ] as const) {
    program
      .command(name)
      .argument('[where]', 'environment or stage; optional if only one approval is waiting')
      .option('--execution <id>', 'at least 8 characters of the execution that is meant; default: ask')
      .option('--message <text>', 'kept with the execution')
      .description(`answer a waiting approval: ${word}`)
      .action((where: string | undefined, options: { execution?: string; message?: string }) => {
        const made = make();
        return answerApproval(made, {
          status: word,
          where,
          execution: options.execution,
          message: options.message,
          confirm: (question) => confirm(question, made, { hint: 'name it with --execution' }),
        });
      });
  }
  program
    .command('test')
    .argument('<environment>')
    .option('--service <name>', 'only that service; a worker or a job needs credentials of its account')
    .option('--run', 'for a job: run it now, with all its effects; default: check its last run', false)
    .description('run the integration test there; exit code 1 unless all of it passes')
    .action(async (environment: string, options: { service?: string; run: boolean }) => {
      const { service, run } = options;
      if (!(await test(make(), environment, { service, run }))) fail();
    });
  program
    .command('rollback')
    .argument('<environment>')
    .option(
      '--to <commit>',
      'beginning of a commit or an execution id; default: what ran before what runs now',
    )
    .option('--service <name>', 'explains how to roll back a single service')
    .option('--yes', 'do not ask', false)
    .description('deploy the services of an earlier commit there again, all of them')
    .action((environment: string, options: { to?: string; service?: string; yes: boolean }) => {
      const made = make();
      const { to, service, yes } = options;
      return rollback(made, environment, {
        ...{ to, service },
        confirm: (question) => confirm(question, made, { yes, hint: 'add --yes' }),
      });
    });
  program
    .command('doctor')
    .argument('<environment>', 'with credentials of its account')
    .option('--service <name>', 'the service to examine', web)
    .option(
      '--report <team or file>',
      'print the report for the network, directory or database team; a file: write it for all',
    )
    .option('--limit <seconds>', 'how long the examination may take', limit, 900)
    .description("test the service's path to SQL Server from its own subnets, and show what is wrong with it")
    .action(async (environment: string, options: { service: string; report?: string; limit: number }) => {
      const { service, report, limit: limitSeconds } = options;
      const exitCode = await doctor(make(), environment, { service, report, limitSeconds });
      if (exitCode !== 0) fail(exitCode);
    });
  program
    .command('unlock')
    .argument('<environment>', 'with credentials of its account')
    .argument('[service]', 'the service that the directory user belongs to', web)
    .option('--yes', 'do not ask', false)
    .description('let the directory user of a service sign in again after a lock')
    .action((environment: string, service: string, { yes }: { yes: boolean }) => {
      const made = make();
      return unlock(made, environment, service, {
        confirm: (question) => confirm(question, made, { yes, hint: 'add --yes' }),
      });
    });
  program
    .command('database-script')
    .argument('<environment>')
    .description(
      'print the T-SQL with which an administrator gives the service access to an existing database',
    )
    .action((environment: string) => printDatabaseScript(make(), environment));
  program
    .command('verify')
    .argument('<environment>')
    .option('--save <file>', 'save what is known, to be verified elsewhere')
    .option('--bundle <file>', 'verify what was saved, without AWS; needs --key')
    .option('--key <file>', 'the public key, PEM; default: get it from KMS')
    .description(
      'show from which commit and build what runs there is, and who approved it; exit code 1 unless all is verified',
    )
    .action(async (environment: string, options: VerifyOptions) => {
      if (!(await verify(make(), environment, options))) fail();
    });
  program
    .command('recover')
    .argument('<environment>', 'an environment, or "tools"; with credentials of its account')
    .option('--yes', 'do not ask', false)
    .description(
      'show stacks that failed, and delete those whose first creation failed, so that it can be tried again',
    )
    .action(async (where: string, { yes }: { yes: boolean }) => {
      const made = make();
      const confirmed = (question: string) => confirm(question, made, { yes, hint: 'add --yes' });
      if (!(await recover(made, where, { confirm: confirmed, lookOnly: made.json && !yes }))) fail();
    });
  return program;
}

function limit(value: string): number {
  const number = Number(value);
  if (!(number >= 60 && number <= 3600))
    throw new InvalidArgumentError('It must be a number from 60 to 3600.');
  return number;
}

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 600))
    throw new InvalidArgumentError('It must be a number above 0, up to 600.');
  return number;
}
