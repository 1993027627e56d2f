import type { SidecarEnvironment } from '@packages/contracts';
import { Token } from 'aws-cdk-lib';
import type { KerberosSidecarProps } from './props.ts';

const properties: Readonly<Record<keyof KerberosSidecarProps, true>> = {
  ...{ domain: true, user: true, sqlServer: true, image: true, containerName: true, volumes: true },
  ...{ memoryLimitMiB: true, logging: true, ticketMode: true, credentials: true, signInSpread: true },
  ...{ serviceName: true, metricsNamespace: true, environment: true },
};

/** Variables that properties or this construct set. */
type OfProperties =
  | 'DIRECTORY_DOMAIN'
  | 'SQL_SPN'
  | 'TICKET_MODE'
  | 'CREDENTIALS'
  | 'CREDENTIALS_SECRET_ARN'
  | 'SHARED_DIRECTORY'
  | 'PRIVATE_DIRECTORY'
  | 'METRICS_NAMESPACE'
  | 'SERVICE_NAME'
  | 'SIGN_IN_SPREAD_SECONDS';

/** What `environment` may say. The SDK's and Node.js' own variables are theirs. */
const known: Readonly<Record<Exclude<keyof SidecarEnvironment, OfProperties>, true>> = {
  ...{ DIRECTORY_KDCS: true, SQL_REALM_KDCS: true, ENCRYPTION_TYPES: true, LOG_LEVEL: true },
  ...{ TICKET_LIFETIME: true, TGT_LIFETIME: true, RENEWABLE_LIFETIME: true, RENEW_AT: true },
  ...{ TICKET_REFRESH_SECONDS: true, SECRET_CHECK_SECONDS: true, METRICS_INTERVAL: true },
  ...{ PASSWORD_ATTEMPTS: true, PASSWORD_ATTEMPTS_WINDOW: true, PASSWORD_RETRY_SECONDS: true },
};
const variables = Object.keys(known);
const ofOthers = /^(AWS|NODE)_/;

/** @returns a sentence for each value that ECS or the sidecar would refuse, or would not look at; tokens are let through */
export function valueProblems(props: KerberosSidecarProps): string[] {
  const { sqlServer, containerName, memoryLimitMiB, ticketMode, credentials } = props;
  return [
    ...Object.keys(props)
      .filter((name) => !(name in properties))
      .map((name) => `${name} is no property: there are ${Object.keys(properties).join(', ')}.`),
    ...Object.keys(props.environment ?? {})
      .filter((name) => !Token.isUnresolved(name) && !variables.includes(name) && !ofOthers.test(name))
      .map(
        (name) =>
          `The sidecar reads no variable ${name} from environment: there are ${variables.join(', ')}.`,
      ),
    ...address(props),
    ...wholeNumber('sqlServer.port', sqlServer.port, 1, 65_535),
    // Docker starts no container with less.
    ...wholeNumber('memoryLimitMiB', memoryLimitMiB, 6, 4_194_304),
    ...oneOf('ticketMode', ticketMode, ['service-ticket', 'tgt']),
    ...oneOf('credentials', credentials, ['injected', 'fetched']),
    ...(containerName === undefined ||
    Token.isUnresolved(containerName) ||
    /^[A-Za-z0-9_-]{1,255}$/.test(containerName)
      ? []
      : [
          `containerName is ${JSON.stringify(containerName)}: ECS takes letters, digits, hyphens and underscores.`,
        ]),
    ...(['serviceName', 'metricsNamespace'] as const)
      .filter((name) => props[name]?.trim() === '')
      .map((name) => `${name} is empty: leave it out for its default.`),
  ];
}

/** Kerberos knows servers by their names: a directory has no account for an address. */
function address({ sqlServer: { host, spn } }: KerberosSidecarProps): string[] {
  const named = spn === undefined ? host : (spn.split('/')[1] ?? '').split(/[:@]/)[0];
  if (named === undefined || Token.isUnresolved(named) || !/\.\d+$/.test(named)) return [];
  return [
    `sqlServer is named by the address ${named}, but Kerberos knows it by its name in the domain, such as ` +
      'sql01.corp.example.com. Give that as host; or the name in spn, where clients must connect to an address.',
  ];
}

function wholeNumber(name: string, value: number | undefined, least: number, most: number): string[] {
  if (value === undefined || Token.isUnresolved(value)) return [];
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [`${name} is ${value}, but it must be a whole number from ${least} to ${most}.`];
}

function oneOf(name: string, value: string | undefined, values: readonly string[]): string[] {
  if (value === undefined || Token.isUnresolved(value) || values.includes(value)) return [];
  return [`${name} is ${JSON.stringify(value)}, but it must be ${values.join(' or ')}.`];
}
