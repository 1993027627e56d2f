import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DoctorLine, doctorFailed } from '@packages/contracts';
import {
  type Finding,
  isTeam,
  printableJson,
  reportCheck,
  summary,
  teamReport,
} from 'tedious-kerberos/doctor/report';
import { createAttemptBudget } from '../credentials/attempt-budget.ts';
import { credentialsSource } from '../credentials/credentials-of.ts';
import { type Log, writeLine } from '../signals/log.ts';
import { countedBudget } from './counted-budget.ts';
import { examineService } from './examine-service.ts';
import { problem } from './findings.ts';
import { secretsOf, withoutSecrets } from './without-secrets.ts';

const usage = `Usage: node main.mjs doctor [options]

Follows the service's path to SQL Server step by step, with the environment of
its sidecar, and reports each failure's cause, its remedy and whom to ask.
Changes nothing and shows no secrets.

  --json              print one document at the end
  --json-lines        print one document per line as the checks run
  --report <team>     add a report for a team: network, directory or database
  --refusals <number> passwords recently refused elsewhere; default: 0
  --timeout <seconds> limit for each step that waits; default: 10

Exit codes: 0 nothing is wrong, 1 a check failed, 2 wrong usage,
3 the doctor itself failed, 130 interrupted.`;

const interrupted = 130;

/** Runs the doctor instead of the sidecar, and exits with the doctor's exit code. */
export async function doctorMain(entry: string, args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // There is nothing to clean up: the tickets are only in memory.
    process.once(signal, () => {
      stop.abort();
      writeLine('Stopped.\n');
      process.exit(interrupted);
    });
  }
  const options = readOptions(args);
  if (typeof options === 'string') {
    writeLine(`${options}\n\n${usage}\n`);
    process.exit(options === '' ? 0 : 2);
  }
  process.exit(await examine(entry, options, stop.signal));
}

interface Options {
  readonly form: 'text' | 'json' | 'json-lines';
  readonly team: 'network' | 'directory' | 'database' | undefined;
  readonly refusals: number;
  readonly timeoutMilliseconds: number;
}

/** @returns the options, or an error message, which is empty for `--help` */
function readOptions(args: readonly string[]): Options | string {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ json: flag, 'json-lines': flag, help: { ...flag, short: 'h' } },
        ...{ report: text, refusals: text, timeout: text },
      },
    });
    const { report, refusals = '0', timeout = '10' } = values;
    if (values.help) return '';
    if (report !== undefined && !isTeam(report)) return '--report must be network, directory or database.';
    if (!/^\d{1,4}$/.test(refusals)) return '--refusals must be a whole number.';
    if (!/^[1-9]\d{0,2}$/.test(timeout)) return '--timeout must be a whole number of seconds from 1 to 999.';
    return {
      form: values['json-lines'] ? 'json-lines' : values.json ? 'json' : 'text',
      team: report,
      refusals: Number(refusals),
      timeoutMilliseconds: 1000 * Number(timeout),
    };
  } catch (error) {
    return (error as Error).message;
  }
}

async function examine(entry: string, options: Options, signal: AbortSignal): Promise<number> {
  const { form, team, refusals, timeoutMilliseconds } = options;
  const environment = { ...process.env };
  // The process that fetches a secret inherits the rest of the environment.
  delete process.env.CREDENTIALS;
  const secrets = secretsOf(environment.CREDENTIALS);
  const clean = (finding: Finding) => withoutSecrets(finding, secrets);
  const line = (content: DoctorLine) => {
    if (form === 'json-lines') writeLine(`${JSON.stringify(content)}\n`);
  };
  const findings: Finding[] = [];
  const facts: Record<string, string> = {};
  const note = (finding: Finding) => {
    findings.push(clean(finding));
    const last = findings.at(-1) as Finding;
    line({ doctor: 'finding', ...last });
    if (form === 'text') writeLine(`${reportCheck(last)}\n`);
  };
  let failed = false;
  try {
    const steps = examineService({
      ...{ environment, timeoutMilliseconds, signal },
      credentialsOf: (configuration) => {
        const source = credentialsSource(configuration, entry);
        return {
          ...source,
          async *candidates(end) {
            for await (const candidate of source.candidates(end)) {
              secrets.add(candidate.password);
              yield candidate;
            }
          },
        };
      },
      budgetOf: ({ privateDirectory, passwordAttempts, passwordAttemptsWindow, passwordRetry }) =>
        countedBudget(
          createAttemptBudget({
            file: join(privateDirectory, 'refusals.json'),
            attempts: passwordAttempts,
            window: passwordAttemptsWindow,
            urgentPause: passwordRetry,
            now: () => new Date(),
          }),
          { elsewhere: refusals, attempts: passwordAttempts, windowSeconds: passwordAttemptsWindow },
        ),
      tell: (more) => {
        Object.assign(facts, withoutSecrets(more, secrets));
        line({ doctor: 'facts', facts: { ...facts } });
      },
      log: form === 'json-lines' ? eventLog : () => {},
    });
    for await (const finding of steps) note(finding);
  } catch (error) {
    failed = true;
    note(problem('doctor', 'DOCTOR_FAILED', error instanceof Error ? error.message : String(error)));
  }
  const healthy = findings.every(({ status }) => status !== 'failed');
  line({ doctor: 'end', healthy });
  if (form === 'json') writeLine(`${printableJson({ healthy, facts, checks: findings })}\n`);
  if (form === 'text') writeLine(`\n${summary(findings)}\n`);
  if (form === 'text' && team) writeLine(`\n${teamReport({ facts, findings, team })}`);
  return failed ? doctorFailed : healthy ? 0 : 1;
}

/** Writes events as the sidecar does, so that counts of refusals in the service's log include the doctor's. */
const eventLog: Log = (event, fields = {}) => {
  writeLine(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
};
