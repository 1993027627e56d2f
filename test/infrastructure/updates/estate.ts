import type { DeploymentInput } from '../../../lib/config/index.ts';

type EnvironmentInput = DeploymentInput['environments'][number];
type Change = (environment: EnvironmentInput, deployment: DeploymentInput) => void;

const subnet = (end: string) => `subnet-0123456789abcd${end}`;

/** An existing network. */
export const networkThere: Extract<EnvironmentInput['network'], { type: 'existing' }> = {
  type: 'existing',
  vpcId: 'vpc-0123456789abcdef0',
  cidrs: ['10.20.0.0/16'],
  zones: {
    a: { tasks: subnet('fa0'), database: subnet('fa1'), routeTable: 'rtb-0123456789abcdefa' },
    b: { tasks: subnet('fb0'), database: subnet('fb1'), routeTable: 'rtb-0123456789abcdefb' },
  },
};

/** The same with public subnets, as an internet-facing load balancer requires. */
export const networkFacing: typeof networkThere = {
  ...networkThere,
  zones: {
    a: { tasks: subnet('fa0'), database: subnet('fa1'), loadBalancer: subnet('fa2') },
    b: { tasks: subnet('fb0'), database: subnet('fb1'), loadBalancer: subnet('fb2') },
  },
  natAddresses: ['198.51.100.7', '198.51.100.8'],
};

/** An existing directory. */
export const directoryThere: Extract<EnvironmentInput['directory'], { type: 'managed' }> = {
  type: 'managed',
  directoryId: 'd-0123456789',
  dnsAddresses: ['10.20.1.10', '10.20.2.10'],
};

/** The complete ARN of a secret in the account that tests use. */
export const secretOf = (name: string, account = '222222222222') =>
  `arn:aws:secretsmanager:eu-central-1:${account}:secret:corp/${name}-AbCdEf`;

/** A self-managed directory, and how instances join it. */
export const selfManagedThere: Extract<EnvironmentInput['directory'], { type: 'self-managed' }> = {
  type: 'self-managed',
  dnsAddresses: ['10.20.1.10'],
  join: { ou: 'OU=SQL,OU=Servers,DC=corp,DC=example,DC=com', secretArn: secretOf('join') },
};

/** An existing network, and such a directory with a user in it. */
export const selfManaged =
  (values: Partial<typeof selfManagedThere> = {}): Change =>
  (environment) => {
    environment.network = networkThere;
    environment.directory = { ...selfManagedThere, ...values };
    environment.user = { secretArn: secretOf('user', '333333333333') };
  };

/** An existing network and directory, with additional values. */
export const there =
  (values: Partial<typeof networkThere> = {}, ofDirectory: Partial<typeof directoryThere> = {}): Change =>
  (environment) => {
    environment.network = { ...networkThere, ...values };
    environment.directory = { ...directoryThere, ...ofDirectory };
  };

/** The same, with a domain that trusts the directory's. */
export const trusting =
  (values: Partial<NonNullable<EnvironmentInput['trusted']>[number]> = {}): Change =>
  (environment, deployment) => {
    there()(environment, deployment);
    environment.trusted = [
      { name: 'partner.example.com', dnsAddresses: ['10.30.1.10'], resolver: 'create', ...values },
    ];
  };
