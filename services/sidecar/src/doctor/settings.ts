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
  /** PEM; nothing when the file cannot be read, which is a finding of its own. */
  readonly authorities: string | undefined;
  readonly roles: readonly string[];
  /** Whether all addresses of the host are tried at once. */
  readonly multiSubnetFailover: boolean;
}

export interface Settings {
  readonly findings: readonly Finding[];
  /** Nothing when too much of the settings is wrong. */
  readonly read:
    | {
        readonly service: Configuration;
        readonly server: ServerSettings;
        /** Whether the secret, where it is injected, can be used. */
        readonly hasSecret: boolean;
      }
    | undefined;
}

/** Stands for a secret that cannot be used, so that everything else can be looked at. */
const placeholder = JSON.stringify({ username: 'nobody', password: 'none' });

/** Reads the settings. A wrong secret does not keep the rest from being examined. */
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
      ? passed('settings', 'The task definition says all that is needed.')
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
