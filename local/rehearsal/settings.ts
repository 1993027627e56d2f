import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseHostAndPort } from '../database/target.ts';
import { sqlServerHelp, type UserSqlServer, userSqlServer } from './user-sql-server.ts';

/** What the person who starts the rehearsal can choose. */
export interface Settings {
  /** End after the integration test, with its exit code. */
  readonly once: boolean;
  /** Ask for the manual approvals between stages. */
  readonly approve: boolean;
  /** Run the tasks from the images, as the synthesized task definition says. */
  readonly containers: boolean;
  /** Name of a pipeline action that is made to fail. */
  readonly fail: string | undefined;
  /** Name of the pipeline stage to begin with; what comes before is taken as done. */
  readonly from: string | undefined;
  /** Port of the load balancer on 127.0.0.1. */
  readonly port: number;
  /** DNS name of the Active Directory domain; default: the one in cdk.json. */
  readonly domain: string | undefined;
  /** Folder for everything that the rehearsal writes; default: see `stateRoot`. */
  readonly state: string | undefined;
  /** The /24 of the loopback range that everything else listens in. */
  readonly network: string;
  /** A SQL Server of the user's in place of the stand-in. */
  readonly sqlServer: UserSqlServer | undefined;
}

/**
 * Reads the command line of `npm start --`.
 * A wrong word ends the program with one sentence and exit code 1; `--help` ends it with exit code 0.
 */
export function readSettings(words: readonly string[]): Settings {
  const command = new Command('npm start --')
    .description('Rehearses the whole delivery on this machine, then serves the page until Ctrl-C.')
    .option('--once', 'end after the integration test, with its exit code', false)
    .option('--approve', 'ask for the manual approvals between stages', false)
    .option('--containers', 'run the tasks from the images, as the synthesized task definition says', false)
    .option('--fail <action>', 'make this action of the pipeline fail, to see what stops and what waits')
    .option('--from <stage>', 'begin with this stage of the pipeline; what comes before is taken as done')
    .addOption(
      new Option('--port <number>', 'port of the load balancer on 127.0.0.1').default(8080).argParser(port),
    )
    .addOption(
      new Option('--domain <name>', 'DNS name of the domain; default: the one in cdk.json').argParser(
        domainName,
      ),
    )
    .addOption(
      new Option('--network <prefix>', 'loopback network that everything else listens in')
        .default('127.80.0')
        .argParser(networkPrefix),
    )
    .option('--state <folder>', 'where everything that the rehearsal writes goes', (folder) =>
      resolve(folder),
    )
    .addOption(
      new Option(
        '--sql-server <host:port>',
        'rehearse with this SQL Server, given the keytab, not the stand-in',
      ).argParser(target),
    )
    .option('--sql-server-ca <file>', 'authority of its certificate, PEM; default: one made for it')
    .option('--sql-server-tls-name <name>', 'name in its certificate; default: one as RDS has it')
    .addHelpText('after', '\nnpm start -- doctor --help: examines the way to SQL Server in the rehearsal.')
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
