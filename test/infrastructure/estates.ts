import type { Deployment, DeploymentInput } from '../../lib/config/index.ts';
import {
  exampleDeployment,
  exampleServices,
  existingDatabase,
  existingDeployment,
} from './example-deployment.ts';
import { directoryThere, networkFacing, networkThere, secretOf, selfManagedThere } from './updates/estate.ts';

type EnvironmentInput = DeploymentInput['environments'][number];

/** The example with only a changed first environment. */
function withStaging(change: (staging: EnvironmentInput) => void): Deployment {
  return exampleDeployment(({ environments: [staging] }) => {
    if (!staging) throw new Error('The example has environments.');
    change(staging);
  });
}

/** The same, with the example's services in addition to web. */
function withServices(change: (staging: EnvironmentInput) => void): Deployment {
  return exampleDeployment((input) => {
    const [staging] = input.environments;
    if (!staging) throw new Error('The example has environments.');
    input.services = exampleServices;
    change(staging);
  });
}

const keyOfOthers = 'arn:aws:kms:eu-central-1:444444444444:key/01234567-89ab-cdef-0123-456789abcdef';
const rule = { ruleId: 'rslvr-rr-0123456789abcdef0' };

/** Deployments whose first environment uses an existing network or directory in one way or another. */
export const estates: Readonly<Record<string, () => Deployment>> = {
  'a network and a directory that are there': () =>
    withStaging((staging) => {
      staging.network = networkThere;
      staging.directory = directoryThere;
    }),
  'a network of others, shared with this account, by parameters': () =>
    withStaging((staging) => {
      staging.network = {
        ...networkThere,
        vpcId: 'ssm:/network/vpc-id',
        ownerAccount: '444444444444',
        cidrs: ['10.20.0.0/16', '100.64.0.0/20'],
        zones: {
          c: { tasks: 'ssm:/network/c/tasks', database: 'ssm:/network/c/database' },
          a: { tasks: 'ssm:/network/a/tasks', database: 'ssm:/network/a/database' },
          b: { tasks: 'ssm:/network/b/tasks' },
        },
        awsAddresses: ['pl-0123456789abcdef0', '10.99.0.0/24'],
        extraSecurityGroups: {
          tasks: ['sg-0123456789abcdef0', 'ssm:/network/tasks'],
          functions: ['sg-0123456789abcdef0'],
          loadBalancer: ['sg-0123456789abcdef1'],
        },
      };
      staging.directory = {
        ...directoryThere,
        directoryId: 'ssm:/directory/id',
        controllers: ['10.21.0.0/16', 'pl-0123456789abcdef1'],
        kdcs: ['dc1.corp.example.com', '10.21.1.10'],
        resolver: rule,
      };
      staging.trusted = [{ name: 'partner.example.com', controllers: ['10.30.0.0/16'], resolver: rule }];
    }),
  'a network that is there, with endpoints and a resolver made in it, facing the internet': () =>
    withStaging((staging) => {
      staging.network = {
        ...networkThere,
        ...networkFacing,
        endpoints: ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'ds', 'events', 'codebuild'],
        natAddresses: ['198.51.100.7'],
      };
      staging.directory = { ...directoryThere, resolver: 'create' };
      staging.trusted = [{ name: 'partner.example.com', dnsAddresses: ['10.30.1.10'], resolver: 'create' }];
      staging.service = { deployment: 'blue-green' };
      staging.loadBalancer = { scheme: 'internet-facing', allowedClients: ['192.0.2.0/24'] };
    }),
  'a network that is there, with every endpoint, and a new directory in it': () =>
    withStaging((staging) => {
      staging.network = { ...networkThere, endpoints: 'all' };
      staging.directory = { resolver: 'create' };
    }),
  'a network that is there, whose own servers know all names': () =>
    withStaging((staging) => {
      staging.network = { ...networkThere, dns: { servers: ['10.20.0.53', '10.99.0.53'] } };
      staging.service = { deployment: 'blue-green', credentialMode: 'fetched' };
    }),
  'a SQL Server and a user that are there': existingDeployment,
  'nothing of our own: a network, a directory, a SQL Server and a user that are there': () =>
    withStaging((staging) => {
      staging.network = networkThere;
      staging.directory = { type: 'self-managed', dnsAddresses: ['10.20.1.10'] };
      staging.user = {
        name: 'SvcMusic',
        secretArn: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/svc-music-AbCdEf',
      };
      staging.database = existingDatabase;
    }),
  'a directory of another account, shared with this one': () =>
    withStaging((staging) => {
      staging.network = networkThere;
      staging.directory = { ...directoryThere, type: 'shared' };
      staging.user = { secretArn: secretOf('user') };
    }),
  'a self-managed directory, which an instance of ours joins': () =>
    withStaging((staging) => {
      staging.network = networkThere;
      staging.directory = selfManagedThere;
      staging.user = { secretArn: secretOf('user') };
    }),
  'nothing of our own, and further services': () =>
    withServices((staging) => {
      staging.network = networkThere;
      staging.directory = { type: 'self-managed', dnsAddresses: ['10.20.1.10'] };
      staging.user = { secretArn: secretOf('user') };
      staging.database = existingDatabase;
      staging.services = {
        worker: { user: { secretArn: secretOf('worker'), rotation: 'own-password' } },
        job: {
          user: { name: 'SvcJob', secretArn: secretOf('job', '444444444444'), kmsKeyArn: keyOfOthers },
        },
      };
    }),
  'a SQL Server of others with its administrator, users that are given besides one that is made': () =>
    withServices((staging) => {
      staging.user = { secretArn: secretOf('user'), rotation: 'own-password' };
      staging.database = {
        ...existingDatabase,
        provisioning: {
          administratorSecretArn: secretOf('sa', '444444444444'),
          kmsKeyArn: keyOfOthers,
        },
      };
      staging.services = {
        worker: { credentialMode: 'fetched' },
        job: { user: { secretArn: secretOf('job') } },
      };
    }),
  'a new network, and a directory elsewhere': () =>
    withStaging((staging) => {
      staging.network = { managementHost: true };
      staging.directory = { ...directoryThere, resolver: 'create' };
      staging.trusted = [{ name: 'partner.example.com', dnsAddresses: ['10.30.1.10'], resolver: rule }];
    }),
};
