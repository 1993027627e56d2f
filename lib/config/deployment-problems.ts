import type * as z from 'zod';
import { type Domain, defaultUser, type domain } from './domain.ts';
import type { CheckedEnvironment, Environment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { isOneDirectory } from './one-directory.ts';
import type { services } from './services.ts';
import { sharedVpcProblems } from './shared-vpc.ts';
import { hasOwnDatabase, sqlServerNames, type WithOwnDatabase } from './sql-server.ts';

interface WithoutDomains {
  readonly services: z.output<typeof services>;
  readonly domain?: z.output<typeof domain> | undefined;
  readonly environments: readonly CheckedEnvironment[];
}

export type WithDomains<Checked extends WithoutDomains> = Omit<Checked, 'domain' | 'environments'> & {
  readonly domain: z.output<typeof domain>;
  readonly environments: Environment[];
};

/** Gives each environment its domain: its own, or the deployment's. */
export function withDomains<Checked extends WithoutDomains>(checked: Checked): WithDomains<Checked> {
  const environments = checked.environments.map((environment) => ({
    ...environment,
    domain: domainOf(environment, checked) as Domain,
  }));
  const ofAll = checked.domain ?? { ...environments[0]?.domain, user: defaultUser };
  return { ...checked, domain: ofAll, environments } as WithDomains<Checked>;
}

function domainOf({ domain: own }: CheckedEnvironment, { domain: all }: WithoutDomains): Domain | undefined {
  return own ?? (all && { name: all.name, netbiosName: all.netbiosName });
}

/** Contradictions between keys of a deployment, and between its environments. */
export function deploymentProblems(deployment: WithoutDomains): Problem[] {
  if (!deployment.domain && deployment.environments.every(({ domain }) => !domain)) {
    const message = 'given, or a domain in each environment: that of the user that signs in';
    return [{ path: ['domain'], message, input: undefined }];
  }
  return [...directoryNames(deployment), ...crossings(deployment)];
}

/**
 * AWS does not create a directory with such a name; that includes names in other alphabets (`xn--…`). An existing
 * directory may have one.
 *
 * @see https://docs.aws.amazon.com/directoryservice/latest/devguide/API_CreateMicrosoftAD.html
 */
function directoryNames(deployment: WithoutDomains): Problem[] {
  const message = 'a name without two hyphens in a row, because AWS creates no directory with such a name';
  const made = deployment.environments.flatMap(({ domain, directory }, index) => {
    const named = domain
      ? { path: ['environments', index], domain }
      : { path: [], domain: deployment.domain };
    return directory.type === 'new' && named.domain?.name.includes('--') ? [named] : [];
  });
  return made.map(({ path, domain }) => ({
    path: [...path, 'domain', 'name'],
    message,
    input: domain?.name,
  }));
}

function crossings(deployment: WithoutDomains): Problem[] {
  return deployment.environments.flatMap((environment, index) => {
    const domain = domainOf(environment, deployment);
    if (!domain) {
      const message = 'given, or "domain" for all environments: the domain of the user that signs in';
      return [{ path: ['environments', index, 'domain'], message, input: undefined }];
    }
    const earlier = deployment.environments
      .slice(0, index)
      .map((other) => ({ ...other, domain: domainOf(other, deployment) ?? domain }));
    const checks = [hostName, trustedDomains, name, identifier, serverDomain, sharedVpcProblems];
    return checks
      .flatMap((check) => check({ ...environment, domain }, earlier, deployment))
      .map((problem) => ({ ...problem, path: ['environments', index, ...problem.path] }));
  });
}

type Check = (
  environment: Environment,
  earlier: readonly Environment[],
  deployment: WithoutDomains,
) => Problem[];

/** Whether a name is a domain, or a name in that domain. */
const isIn = (name: string, domain: string) => name === domain || name.endsWith(`.${domain}`);

const hostName: Check = ({ loadBalancer: { hostName: name }, domain, trusted }) => {
  const foreign = [domain, ...trusted].find((one) => name && isIn(name, one.name));
  if (!foreign) return [];
  const message = `a name outside of the domain ${foreign.name}, whose own DNS answers for all names in it`;
  return [{ path: ['loadBalancer', 'hostName'], message, input: name }];
};

const trustedDomains: Check = ({ domain, trusted }) =>
  trusted.flatMap(({ name: trustedName }, index) => {
    const twice = trusted.slice(0, index).some((other) => other.name === trustedName);
    if (!twice && trustedName !== domain.name) return [];
    const message = twice
      ? 'another one than those before it'
      : "another one than the user's own domain, which needs no trust";
    return [{ path: ['trusted', index, 'name'], message, input: trustedName }];
  });

const name: Check = (environment, earlier) =>
  earlier.some((other) => other.name === environment.name)
    ? [
        {
          path: ['name'],
          message: 'a name of its own: an earlier environment has it',
          input: environment.name,
        },
      ]
    : [];

const identifier: Check = (environment, earlier, deployment) => {
  if (!hasOwnDatabase(environment)) return [];
  const wrong = (message: string) => [
    { path: ['database', 'identifier'], message, input: environment.database.identifier },
  ];
  const identity = ({ account, region, database }: WithOwnDatabase) =>
    `${account} ${region} ${database.identifier}`;
  const others = earlier.filter(hasOwnDatabase);
  if (others.some((other) => identity(other) === identity(environment)))
    return wrong('an identifier of its own: an earlier environment in the same account and region has it');
  // The identifier becomes a host name, which must be unique in a domain.
  const namesake = others.find(
    (other) =>
      other.database.identifier === environment.database.identifier &&
      isOneDirectory(deployment, environment, other),
  );
  if (!namesake) return [];
  const { host } = sqlServerNames(environment);
  return wrong(`an identifier of its own: ${namesake.name} has ${host} in the same directory already`);
};

/** Tickets for a server in another domain require a trust, which the sidecar must know. */
const serverDomain: Check = ({ domain, trusted, database }) => {
  if (database.type === 'new' || database.domain === undefined) return [];
  const isTrusted = trusted.some((other) => other.name === database.domain);
  if (isTrusted && database.domain !== domain.name) return [];
  const message =
    database.domain === domain.name
      ? `left out for a server in the user's own domain ${domain.name}`
      : 'the name of a domain in "trusted", through which tickets for its servers are issued';
  return [{ path: ['database', 'domain'], message, input: database.domain }];
};
