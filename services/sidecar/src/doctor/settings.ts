import { ConfigurationError, doctorEnvironmentSchema, readEnvironment } from '@packages/contracts';
import { readCertificateAuthorities } from '@packages/service/certificate-authorities';
import { passed } from 'tedious-kerberos/doctor';
import type { Finding } from 'tedious-kerberos/doctor/report';
import { type Configuration, readConfiguration } from '../configuration.ts';
import { problem } from './findings.ts';

/** Where SQL Server is. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tlsName: string;
  /** PEM; `undefined` if the file cannot be read, which is reported with the settings. */
  readonly authorities: string | undefined;
  readonly roles: readonly string[];
  /** Whether to try all addresses of the host in parallel. */
  readonly multiSubnetFailover: boolean;
}

export interface Settings {
  readonly findings: readonly Finding[];
  /** `undefined` if the settings are too faulty to continue with. */
  readonly read:
    | {
        readonly service: Configuration;
        readonly server: ServerSettings;
        /** False if an injected secret cannot be used. */
        readonly hasSecret: boolean;
      }
    | undefined;
}

/** Replaces a secret that cannot be used, so that everything else can be examined. */
const placeholder = JSON.stringify({ username: 'nobody', password: 'none' });

/** Reads the settings. If only the secret is wrong, the rest is still examined. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const problems: string[] = [];
  const secretProblems: string[] = [];
  const whole = attempt(
    () => readConfiguration(environment),
    (found) => sort(found),
  );
  const service =
    whole ??
    attempt(
      () => readConfiguration({ ...environment, CREDENTIALS: placeholder }),
      () => {},
    );
  const values = attempt(
    () => readEnvironment(doctorEnvironmentSchema, environment),
    (found) => sort(found),
  );
  const authorities =
    values &&
    attempt(
      () => readCertificateAuthorities(values, values.SQL_TLS_NAME),
      (found) => sort(found),
    );
  const findings = [
    problems.length === 0
      ? passed('settings', 'The task definition contains everything that is needed.')
      : problem('settings', 'SETTINGS_INVALID', [...new Set(problems)].join(' ')),
    ...(secretProblems.length === 0
      ? []
      : [problem('secret', 'SECRET_INVALID', [...new Set(secretProblems)].join(' '))]),
  ];
  if (!service || !values) return { findings, read: undefined };
  const server: ServerSettings = {
    host: values.SQL_SERVER,
    port: values.SQL_PORT,
    database: values.SQL_DATABASE,
    tlsName: values.SQL_TLS_NAME,
    authorities,
    multiSubnetFailover: values.SQL_MULTI_SUBNET === 'true',
    roles: (values.SQL_ROLES ?? 'db_datareader').split(',').map((role) => role.trim()),
  };
  return { findings, read: { service, server, hasSecret: whole !== undefined } };

  function sort(found: readonly string[]): void {
    for (const each of found) (/^The secret/.test(each) ? secretProblems : problems).push(each);
  }
}

function attempt<T>(read: () => T, note: (problems: readonly string[]) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    note(error.problems);
    return undefined;
  }
}
