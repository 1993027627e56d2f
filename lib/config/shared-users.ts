import type * as z from 'zod';
import { defaultUser } from './domain.ts';
import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { furtherServices, placeOf, type services } from './services.ts';

interface Checked {
  readonly domain?: { readonly name: string; readonly user: string } | undefined;
  readonly services: z.output<typeof services>;
  readonly environments: readonly CheckedEnvironment[];
}

interface Account {
  readonly service: string;
  readonly name: string;
  readonly path: readonly string[];
  readonly secretArn: string | undefined;
}

/**
 * Users that several services have in one directory: what sets, or changes, the password of one would lock the other out, and
 * refusals of both count towards one lockout.
 */
export function sharedUserProblems(deployment: Checked): Problem[] {
  return deployment.environments.flatMap((environment, index) => [
    ...withinOne(deployment, environment, index),
    ...acrossEnvironments(deployment, environment, index),
  ]);
}

function withinOne(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const owners = new Map<string, string>();
  return accountsOf(deployment, environment).flatMap(({ service, name }) => {
    const owner = owners.get(name);
    owners.set(name, service);
    const message = `a user of its own: the service ${owner} signs in as ${name}`;
    return owner ? [{ path: placeOf(environment, index, service, 'user'), input: name, message }] : [];
  });
}

function acrossEnvironments(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const rivals = deployment.environments
    .slice(0, index)
    .filter((other) => isOneDirectory(deployment, environment, other))
    .flatMap((other) => accountsOf(deployment, other).map((account) => ({ ...account, other })));
  return accountsOf(deployment, environment).flatMap(({ name, path, secretArn }): Problem[] => {
    const rival = rivals.find(
      (account) =>
        account.name.toLowerCase() === name.toLowerCase() &&
        // That is told by its secret.
        (secretArn === undefined || account.secretArn !== secretArn),
    );
    if (!rival) return [];
    const { service, other } = rival;
    const message = `a user of its own: the service ${service} of ${other.name} signs in to the same directory as ${rival.name}`;
    return [{ path: ['environments', index, ...path], input: name, message }];
  });
}

/** Those that sign in: web first. */
function accountsOf(deployment: Checked, environment: CheckedEnvironment): Account[] {
  const { user } = environment;
  const web = user?.name ?? deployment.domain?.user ?? defaultUser;
  return [
    { service: 'web', name: web, path: ['user', 'name'], secretArn: user?.secretArn },
    ...furtherServices(deployment, environment).map(({ name, user: own }) => ({
      service: name,
      name: own,
      path: ['services', name, 'user'],
      secretArn: undefined,
    })),
  ];
}

/** A managed one by its id in its account, others by its name and a DNS server: two domains may have one name. */
function isOneDirectory(
  { domain }: Checked,
  environment: CheckedEnvironment,
  other: CheckedEnvironment,
): boolean {
  const [one, two] = [environment.directory, other.directory];
  // Each environment makes one of its own.
  if (one.type === 'new' || two.type === 'new') return false;
  if (one.type === 'managed' && two.type === 'managed') {
    const isHere = environment.account === other.account && environment.region === other.region;
    return isHere && one.directoryId === two.directoryId;
  }
  const name = (some: CheckedEnvironment) => (some.domain ?? domain)?.name;
  return (
    name(environment) === name(other) &&
    one.dnsAddresses.some((address) => two.dnsAddresses.includes(address))
  );
}
