import { Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { variableProblems } from './check-variables.ts';
import type { KerberosSidecarProps } from './props.ts';

const properties: Readonly<Record<keyof KerberosSidecarProps, true>> = {
  ...{ domain: true, user: true, sqlServer: true, image: true, containerName: true, volumes: true },
  ...{ memoryLimitMiB: true, logging: true, ticketMode: true, credentials: true, signInSpread: true },
  ...{ serviceName: true, metricsNamespace: true, environment: true },
};

/**
 * Checks the properties that all further checks need.
 *
 * @returns a sentence for each property that is missing or of the wrong type
 */
export function shapeProblems(props: KerberosSidecarProps): string[] {
  const given: Partial<Record<keyof KerberosSidecarProps, unknown>> = props ?? {};
  const { domain, user, sqlServer, environment, volumes } = given;
  const isText = (value: unknown) => typeof value === 'string';
  const is = (value: unknown, method: string) =>
    typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function';
  const wrong = (name: keyof typeof given, right: boolean, allowed: string) =>
    right ? [] : [`${name} is ${shown(name, given[name])}, but it must be ${allowed}.`];
  const optional = (name: keyof typeof given, method: string, allowed: string) =>
    wrong(name, given[name] === undefined || is(given[name], method), allowed);
  return [
    ...wrong('domain', isText(domain), 'the DNS name of the domain, such as corp.example.com'),
    ...wrong(
      'user',
      // Parameters and buckets have grantRead, too.
      is(user, 'grantRead') && isText((user as Partial<ISecret>).secretArn),
      'a secret, such as Secret.fromSecretCompleteArn(this, "User", "arn:aws:secretsmanager:…")',
    ),
    ...wrong(
      'sqlServer',
      isObject(sqlServer) && (isText(sqlServer.host) || isText(sqlServer.spn)),
      'an object with host, such as { host: "sql01.corp.example.com" }',
    ),
    ...(isObject(sqlServer)
      ? ['host', 'spn']
          .filter((name) => sqlServer[name] !== undefined && !isText(sqlServer[name]))
          .map((name) => `sqlServer.${name} is ${JSON.stringify(sqlServer[name])}, but it must be text.`)
      : []),
    ...(isObject(sqlServer)
      ? Object.keys(sqlServer)
          .filter((name) => !['host', 'port', 'spn'].includes(name))
          .map((name) => `sqlServer.${name} is not a property: there are host, port, spn.`)
      : []),
    ...(['containerName', 'serviceName', 'metricsNamespace'] as const).flatMap((name) =>
      wrong(name, given[name] === undefined || isText(given[name]), 'text'),
    ),
    ...wrong('environment', environment === undefined || isObject(environment), 'an object of variables'),
    ...wrong(
      'volumes',
      volumes === undefined || (isObject(volumes) && isText(volumes.published) && isText(volumes.private)),
      'an object with published and private, two names',
    ),
    ...optional(
      'image',
      'bind',
      'a ContainerImage, such as ContainerImage.fromEcrRepository(repository, "sha256:…")',
    ),
    ...optional('logging', 'bind', 'a LogDriver, such as LogDriver.awsLogs({ streamPrefix: "kerberos" })'),
    ...optional('signInSpread', 'toSeconds', 'a Duration, such as Duration.seconds(20)'),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The user may have passed the password itself instead of the secret. */
function shown(name: string, value: unknown): string {
  if (value === undefined) return 'missing';
  const open = name !== 'user' || (typeof value === 'string' && value.startsWith('arn:'));
  return open && !isObject(value) ? JSON.stringify(value) : 'something else';
}

/** @returns a sentence for each value that ECS or the sidecar would refuse or ignore; tokens are accepted */
export function valueProblems(props: KerberosSidecarProps): string[] {
  const { sqlServer, containerName, memoryLimitMiB, ticketMode, credentials } = props;
  return [
    ...Object.keys(props)
      .filter((name) => !(name in properties))
      .map((name) => `${name} is not a property: there are ${Object.keys(properties).join(', ')}.`),
    ...variableProblems(props.environment ?? {}),
    ...address(props),
    ...wholeNumber('sqlServer.port', sqlServer.port, 1, 65_535),
    // Docker's minimum.
    ...wholeNumber('memoryLimitMiB', memoryLimitMiB, 6, 4_194_304),
    ...oneOf('ticketMode', ticketMode, ['service-ticket', 'tgt']),
    ...oneOf('credentials', credentials, ['injected', 'fetched']),
    ...(Token.isUnresolved(containerName)
      ? ['containerName is known at deployment only, but constructs are called by it: it must be plain text.']
      : nameOfEcs('containerName', containerName)),
    ...volumeNames(props),
    ...(['serviceName', 'metricsNamespace'] as const)
      .filter((name) => props[name]?.trim() === '')
      .map((name) => `${name} is empty: leave it out for its default.`),
    ...wholeNumber('The port in sqlServer.spn', portIn(sqlServer.spn), 1, 65_535),
    ...formOf('serviceName', props.serviceName, /^[\x21-\x7e]{1,255}$/, 'a name of ASCII without blanks'),
    ...formOf(
      'metricsNamespace',
      props.metricsNamespace,
      /^(?!AWS\/|:)[A-Za-z0-9./_#:-]{1,255}$/,
      'a CloudWatch namespace: letters, digits and . / _ # : -, neither ":" nor "AWS/" first',
    ),
    ...(props.signInSpread &&
    !props.signInSpread.isUnresolved() &&
    props.signInSpread.toSeconds({ integral: false }) > 300
      ? [`signInSpread is ${props.signInSpread.toHumanString()}, but it must be at most 5 minutes.`]
      : []),
  ];
}

/** A valid name for a container or volume in ECS. */
function nameOfEcs(name: string, value: string | undefined): string[] {
  if (value === undefined || Token.isUnresolved(value) || /^[A-Za-z0-9_-]{1,255}$/.test(value)) return [];
  return [
    `${name} is ${JSON.stringify(value)}: ECS takes letters, digits, hyphens and underscores, at most 255.`,
  ];
}

function volumeNames({ volumes, containerName = '' }: KerberosSidecarProps): string[] {
  // The default names are the container's name with a suffix for the purpose.
  if (!volumes)
    return containerName.length > 245 ? nameOfEcs('The name of a volume', `${containerName}-published`) : [];
  const { published, private: own, ...others } = volumes;
  return [
    ...Object.keys(others).map((name) => `volumes.${name} is not a property: there are published, private.`),
    ...nameOfEcs('volumes.published', published),
    ...nameOfEcs('volumes.private', own),
    ...(published === own
      ? [`Both volumes are called ${own}: they must differ, because one of them is hidden.`]
      : []),
  ];
}

function portIn(spn: string | undefined): number | undefined {
  const [, port] = /^[^:]+:(\d+)(?:@|$)/.exec(Token.isUnresolved(spn) ? '' : (spn ?? '')) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** Kerberos identifies servers by name: a directory has no account for an address. */
function address({ sqlServer: { host, spn } }: KerberosSidecarProps): string[] {
  const named = spn === undefined ? host : (spn.split('/')[1] ?? '').split(/[:@]/)[0];
  if (named === undefined || Token.isUnresolved(named) || !/\.\d+$/.test(named)) return [];
  return [
    `sqlServer is named by the address ${named}, but Kerberos knows it by its name in the domain, such as ` +
      'sql01.corp.example.com. Give that as host; or, if clients must connect to an address, give the name in spn.',
  ];
}

function formOf(name: string, value: string | undefined, form: RegExp, allowed: string): string[] {
  if (value === undefined || value.trim() === '' || Token.isUnresolved(value) || form.test(value)) return [];
  return [`${name} is ${JSON.stringify(value)}, but it must be ${allowed}.`];
}

function wholeNumber(name: string, value: number | undefined, least: number, most: number): string[] {
  if (value === undefined || Token.isUnresolved(value)) return [];
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [`${name} is ${JSON.stringify(value)}, but it must be a whole number from ${least} to ${most}.`];
}

function oneOf(name: string, value: string | undefined, values: readonly string[]): string[] {
  if (value === undefined || Token.isUnresolved(value) || values.includes(value)) return [];
  return [`${name} is ${JSON.stringify(value)}, but it must be ${values.join(' or ')}.`];
}
