import type { SidecarEnvironment } from '@packages/contracts';
import { Token } from 'aws-cdk-lib';

/** Variables that this construct sets, partly from its properties. */
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

/** The allowed values of a variable. `allowed` completes the sentence "it must be …". */
interface Form {
  readonly allowed: string;
  takes(value: string): boolean;
}

const number = (kind: string, pattern: RegExp, least: number, most: number): Form => ({
  allowed: `${kind} from ${least} to ${most}`,
  takes: (value) => pattern.test(value) && Number(value) >= least && Number(value) <= most,
});
const seconds = (least: number, most: number) => number('a number of seconds', /^\d+(\.\d+)?$/, least, most);
const oneOf = (...values: string[]): Form => ({
  allowed: `one of ${values.join(', ')}`,
  takes: (value) => values.includes(value),
});
/** Only refuses text that cannot be a list; the sidecar checks each name or address. */
const servers: Form = {
  allowed: 'host names or addresses with commas between, each with a port or without',
  takes: (value) => value.split(',').every((server) => /^[\w.:[\]-]+$/.test(server.trim())),
};

/**
 * The variables that `environment` may set, as the sidecar reads them. Those of the AWS SDK and of Node.js are not
 * checked.
 */
const known: Readonly<Record<Exclude<keyof SidecarEnvironment, OfProperties>, Form>> = {
  DIRECTORY_KDCS: servers,
  SQL_REALM_KDCS: servers,
  ENCRYPTION_TYPES: oneOf('aes', 'aes-and-rc4'),
  LOG_LEVEL: oneOf('info', 'debug', 'warn', 'error'),
  TICKET_LIFETIME: seconds(5, 86_400),
  TGT_LIFETIME: seconds(125, 86_400),
  RENEWABLE_LIFETIME: seconds(0, 2_592_000),
  RENEW_AT: number('a number', /^\d+(\.\d+)?$/, 0.05, 0.9),
  TICKET_REFRESH_SECONDS: seconds(1, 3600),
  SECRET_CHECK_SECONDS: seconds(1, 86_400),
  METRICS_INTERVAL: seconds(1, 3600),
  PASSWORD_ATTEMPTS: number('a whole number', /^\d+$/, 1, 10),
  PASSWORD_ATTEMPTS_WINDOW: seconds(1, 86_400),
  PASSWORD_RETRY_SECONDS: seconds(1, 3600),
};
const ofOthers = /^(AWS|NODE)_/;

/**
 * @returns a sentence for each variable that the sidecar would ignore, or that would make it exit; tokens are accepted
 */
export function variableProblems(environment: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (Token.isUnresolved(name) || Token.isUnresolved(value)) return [];
    const form = Object.hasOwn(known, name) ? known[name as keyof typeof known] : undefined;
    if (!form && !ofOthers.test(name)) {
      return [
        `The sidecar reads no variable ${name} from environment: there are ${Object.keys(known).join(', ')}.`,
      ];
    }
    if (value === undefined || value === null) {
      return [`environment.${name} is ${value}: leave the variable out for its default.`];
    }
    if (typeof value !== 'string') {
      return [`environment.${name} is ${JSON.stringify(value)}, but variables are texts: "${value}".`];
    }
    // Treat an empty value as unset.
    return !form || value === '' || form.takes(value)
      ? []
      : [`environment.${name} is ${JSON.stringify(value)}, but it must be ${form.allowed}.`];
  });
}
