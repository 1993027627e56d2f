#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { checkAuthorities } from './certificate-authorities.ts';
import { Connection } from './connection.ts';
import type { Check } from './doctor/check.ts';
import { type Examination, examine } from './doctor/examine.ts';
import { printableJson, reportCheck, summary, width, wrapped } from './doctor/report.ts';
import { normalServicePrincipalName } from './service-principal-name.ts';

const usage = `Usage: tedious-kerberos doctor --server <host> [options]

Checks everything that a Kerberos login needs, and gives the cause and the
remedy of each failure. Changes nothing; logs in once or twice.

  --server <host>       the server's name in the directory
  --port <number>       default: 1433
  --spn <name>          default: MSSQLSvc/<host>:<port>
  --ccache <cache>      a path, FILE:<path> or DIR:<path>; default: KRB5CCNAME
  --database <name>     default: the login's default database
  --tls-name <name>     the name in the certificate; default: the host
  --ca <file>           PEM certificates of the authorities to trust
  --encrypt <how>       true (default), strict (TDS 8) or false
  --no-channel-binding  do not bind the login to its TLS channel
  --timeout <seconds>   for each step that waits; default: 15
  --json                print JSON

Exit codes: 0 no check failed, 1 a check failed, 2 invalid arguments,
3 the doctor itself failed.`;

/** Invalid command-line arguments. */
class UsageError extends Error {}

process.exitCode = await run(process.argv.slice(2)).catch((error: Error) => {
  if (error instanceof UsageError) {
    console.error(`${forPeople(error.message)}\n\n${usage}`);
    return 2;
  }
  console.error(forPeople(`The doctor failed: ${error.message}`));
  return 3;
});

function forPeople(text: string): string {
  return wrapped(text, width).join('\n');
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsed(args);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (positionals.join(' ') !== 'doctor') throw new UsageError('The command is "doctor".');
  const checks: Check[] = [];
  for await (const check of examine(await examination(values))) {
    checks.push(check);
    if (!values.json) console.log(reportCheck(check));
  }
  const healthy = checks.every(({ status }) => status !== 'failed');
  console.log(values.json ? printableJson({ healthy, checks }) : `\n${summary(checks)}`);
  return healthy ? 0 : 1;
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ server: text, port: text, spn: text, ccache: text, database: text, 'tls-name': text, ca: text },
        ...{ encrypt: text, 'no-channel-binding': flag, timeout: text, json: flag },
        help: { ...flag, short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function examination(values: ReturnType<typeof parsed>['values']): Promise<Examination> {
  const { server, spn, database } = values;
  if (!server) throw new UsageError('--server is missing.');
  checked(
    () => new Connection({ server }),
    `--server must be a host name or an address only, not ${JSON.stringify(server)}; put a port into --port.`,
  );
  if (values.ccache === '')
    throw new UsageError('--ccache is empty: leave it out to use the cache of the process.');
  const timeoutMilliseconds = 1000 * whole('timeout', values.timeout ?? '15', 3600);
  const ca = values.ca === undefined ? undefined : await pem(values.ca);
  return {
    connection: {
      server,
      tls: { ...(values['tls-name'] ? { name: values['tls-name'] } : {}), ...(ca ? { ca } : {}) },
      options: {
        port: whole('port', values.port ?? '1433', 65_535),
        encrypt: encryption(values.encrypt ?? 'true'),
        connectTimeout: timeoutMilliseconds,
        requestTimeout: timeoutMilliseconds,
        appName: 'tedious-kerberos doctor',
        ...(database === undefined ? {} : { database }),
      },
    },
    spn: spn === undefined ? undefined : checked(() => normalServicePrincipalName(spn)),
    ccache: values.ccache,
    channelBinding: !values['no-channel-binding'],
    timeoutMilliseconds,
  };
}

function whole(name: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from 1 to ${most}, not "${text}".`);
}

function encryption(how: string): boolean | 'strict' {
  if (how === 'strict') return how;
  if (how === 'true' || how === 'false') return how === 'true';
  throw new UsageError(`--encrypt must be true, strict or false, not "${how}".`);
}

/** Reports a value that the package rejects as a usage error. */
function checked<T>(make: () => T, sentence?: string): T {
  try {
    return make();
  } catch (error) {
    throw new UsageError(sentence ?? (error as Error).message);
  }
}

async function pem(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`The authorities cannot be read: ${error.message}`);
  });
  checked(() => checkAuthorities(`--ca ${file}`, text));
  return text;
}
