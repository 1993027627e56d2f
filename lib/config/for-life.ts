import { netbiosName } from './domain.ts';
import type { Environment } from './environment.ts';
import { subnetIdsOf } from './network.ts';

/** Configuration values by key, as their owner recorded them. */
export type ForLife = Readonly<Record<string, unknown>>;

/** Whether the recorded value may become the wanted one. */
type Rule = (recorded: unknown, wanted: unknown) => boolean;

const same: Rule = (recorded, wanted) => recorded === wanted;

/** Configuration keys that no deployment can change: which changes are still allowed, and why the others are not. */
export const forLifeRules: Readonly<Record<string, { readonly may: Rule; readonly because: string }>> = {
  'domain.name': { may: same, because: 'it would be another directory' },
  'domain.netbiosName': { may: same, because: 'it would be another directory' },
  'directory.type': { may: same, because: 'it would be another directory' },
  'directory.directoryId': { may: same, because: 'it would be another directory' },
  'directory.edition': { may: same, because: 'it would be another directory' },
  'network.type': { may: same, because: 'it would be another network' },
  'network.vpcId': { may: same, because: 'it would be another network' },
  'network.cidr': { may: same, because: 'it would be another network' },
  'network.zones': {
    may: (recorded, wanted) => {
      const now = Array.isArray(wanted) ? wanted : [];
      return Array.isArray(recorded) && recorded.every((zone, index) => now[index] === zone);
    },
    because: 'directory, database and tasks are in its zones; a third one may be added at the end',
  },
  'database.type': { may: same, because: 'it would be another database' },
  'database.identifier': { may: same, because: 'it would be another database' },
  'database.edition': {
    may: same,
    because: 'RDS cannot change the edition in place: restore a snapshot with another one',
  },
  'database.storageGiB': {
    may: (recorded, wanted) => Number(wanted) >= Number(recorded),
    because: 'RDS can enlarge storage, but not reduce it',
  },
};

/** The part that creates what cannot be changed, and so records it. */
export type ForLifeOwner = 'network' | 'directory' | 'database';

/** The values that an owner records when it is deployed. */
export function forLife(owner: ForLifeOwner, environment: Environment): ForLife {
  const { network, domain, directory, database } = environment;
  switch (owner) {
    case 'network':
      return network.type === 'existing'
        ? { 'network.type': network.type, 'network.vpcId': network.vpcId }
        : { 'network.type': network.type, 'network.cidr': network.cidr, 'network.zones': network.zones };
    case 'directory':
      return {
        'domain.name': domain.name,
        'domain.netbiosName': netbiosName(domain),
        'directory.type': directory.type,
        ...ofDirectory(environment),
      };
    case 'database':
      if (database.type === 'existing') return { 'database.type': database.type };
      return {
        'database.type': database.type,
        'database.identifier': database.identifier,
        'database.edition': database.edition,
        'database.storageGiB': database.storageGiB,
      };
  }
}

function ofDirectory({ network, directory }: Environment): ForLife {
  if (directory.type === 'self-managed') return {};
  if (directory.type !== 'new') return { 'directory.directoryId': directory.directoryId };
  return {
    'directory.edition': directory.edition,
    // In an existing VPC, the directory is in the subnets that the configuration names.
    ...(network.type === 'existing' && { 'network.zones': subnetIdsOf(network, 'isolated').slice(0, 2) }),
  };
}

/** Keys that imply the type "new", for records written before types existed. */
const typeOf: Readonly<Record<string, string>> = {
  'network.cidr': 'network.type',
  'directory.edition': 'directory.type',
  'database.identifier': 'database.type',
};
const withTypes = (recorded: ForLife): ForLife => ({
  ...Object.fromEntries(
    Object.entries(typeOf).flatMap(([key, type]) => (key in recorded ? [[type, 'new']] : [])),
  ),
  ...recorded,
});

/** @returns one sentence for each key that cannot change to the wanted value */
export function refusedChanges(deployed: ForLife, wanted: ForLife): string[] {
  const recorded = withTypes(deployed);
  return Object.entries(forLifeRules)
    .filter(([key, { may }]) => key in recorded && key in wanted && !may(recorded[key], wanted[key]))
    .map(([key, { because }]) => {
      const [was, is] = [recorded[key], wanted[key]].map((value) => JSON.stringify(value));
      return `${key} is for life: it is ${was} and cannot become ${is}, since ${because}.`;
    });
}
