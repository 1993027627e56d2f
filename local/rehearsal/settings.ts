import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseHostAndPort } from '../database/target.ts';
import { sqlServerHelp, type UserSqlServer, userSqlServer } from './user-sql-server.ts';

/** The options of `npm start`. */
export interface Settings {
  /** End after the integration test, with its exit code. */
  readonly once: boolean;
  /** Ask for the manual approvals between stages. */
  readonly approve: boolean;
  /** Run the tasks from the images, as the synthesized task definition says. */
  readonly containers: boolean;
  /** Name of a pipeline action to fail on purpose. */
  readonly fail: string | undefined;
  /** Name of the first pipeline stage to run; earlier stages count as done. */
  readonly from: string | undefined;
  /** Port of the load balancer on 127.0.0.1. */
  readonly port: number;
  /** DNS name of the Active Directory domain; default: the one in cdk.json. */
  readonly domain: string | undefined;
  /** Folder for everything that the rehearsal writes; default: see `stateRoot`. */
  readonly state: string | undefined;
  /** The /24 of the loopback range that everything else listens on. */
  readonly network: string;
  /** A SQL Server of the user's, in place of the stand-in. */
  readonly sqlServer: UserSqlServer | undefined;
}

/**
 * Reads the arguments after `npm start --`. A wrong argument ends the program with an error message and exit code 1;
 * `--help` ends it with exit code 0.
 */
export function readSettings(words: readonly string[]): Settings {
  const command = new Command('npm start --')
    .description('Rehearses the whole delivery on this machine, then serves the page until Ctrl-C.')
    .option('--once', 'end after the integration test, with its exit code', false)
    .option('--approve', 'ask for the manual approvals between stages', false)
    .option('--containers', 'run the tasks from the images, as the synthesized task definition says', false)
    .option('--fail <action>', 'make this pipeline action fail, to see what stops and what waits')
    .option('--from <stage>', 'start at this pipeline stage; earlier stages count as done')
    .addOption(
      new Option('--port <number>', 'port of the load balancer on 127.0.0.1').default(8080).argParser(port),
    )
    .addOption(
      new Option('--domain <name>', 'DNS name of the domain; default: the one in cdk.json').argParser(
        domainName,
      ),
    )
    .addOption(
      new Option('--network <prefix>', 'loopback /24 network that everything else listens on')
        .default('127.80.0')
        .argParser(networkPrefix),
    )
    .option('--state <folder>', 'folder for all files that the rehearsal writes', (folder) => resolve(folder))
    .addOption(
      new Option(
        '--sql-server <host:port>',
        'use this SQL Server, which gets a keytab, instead of the stand-in',
      ).argParser(target),
    )
    .option('--sql-server-ca <file>', 'PEM file with the CA of its certificate; default: a CA made for it')
    .option('--sql-server-tls-name <name>', 'name in its certificate; default: a name like those of RDS')
    .addHelpText(
      'after',
      '\nnpm start -- doctor --help: how to check the connection to SQL Server in the rehearsal.',
    )
    .addHelpText('after', sqlServerHelp)
    .allowExcessArguments(false)
    .parse(words, { from: 'user' });
  const { sqlServer, sqlServerCa, sqlServerTlsName, ...others } = command.opts();
  if (!sqlServer && (sqlServerCa ?? sqlServerTlsName) !== undefined) {
    command.error("error: '--sql-server-ca' and '--sql-server-tls-name' need '--sql-server <host:port>'.");
  }
  const given = sqlServer && userSqlServer(sqlServer, { authority: sqlServerCa, tlsName: sqlServerTlsName });
  if (typeof given === 'string') command.error(`error: ${given}`);
  return { ...others, sqlServer: given } as Settings;
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
  }
  return number;
}

function target(value: string) {
  const parsed = parseHostAndPort(value);
  if (!parsed) throw new InvalidArgumentError('It must be a host and a port, such as 127.0.0.1:14330.');
  return parsed;
}

function domainName(value: string): string {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
  if (!new RegExp(`^${label}(\\.${label})+$`, 'i').test(value)) {
    throw new InvalidArgumentError('It must be a DNS name of two or more labels, such as corp.example.com.');
  }
  return value.toLowerCase();
}

function networkPrefix(value: string): string {
  const parts = value.split('.').map(Number);
  const valid =
    parts.length === 3 && parts[0] === 127 && parts.every((n) => Number.isInteger(n) && n >= 0 && n < 256);
  if (!valid || value === '127.0.0') {
    throw new InvalidArgumentError(
      'It must be the first three numbers of a loopback network, such as 127.80.0.',
    );
  }
  return value;
}
