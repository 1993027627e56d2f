import { type Deployment, type DeploymentInput, loadDeployment } from '../../lib/config/index.ts';

/**
 * The deployment that tests look at. It is not the one in `cdk.json`, which belongs to whoever forks this repository:
 * other names and accounts there must not fail a test.
 */
export const exampleInput: DeploymentInput = {
  name: 'windows-auth',
  tools: { account: '111111111111', region: 'eu-central-1' },
  source: {
    type: 'connection',
    connectionArn:
      'arn:aws:codeconnections:eu-central-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    repository: 'example/ecs-windows-authentication',
    branch: 'main',
  },
  domain: { name: 'corp.example.com', netbiosName: 'CORP', user: 'db-user' },
  environments: [
    {
      name: 'staging',
      account: '222222222222',
      region: 'eu-central-1',
      deletionProtection: false,
      logRetentionDays: 30,
      loadBalancer: { scheme: 'internal', allowedClients: ['10.0.0.0/8'] },
    },
    {
      name: 'production',
      account: '333333333333',
      region: 'eu-central-1',
      approvals: { beforeEnvironment: true, beforeDatabase: true, beforeService: true },
      database: {
        edition: 'standard',
        instanceType: 'm6i.xlarge',
        storageGiB: 100,
        maximumStorageGiB: 500,
        multiAz: true,
        backupRetentionDays: 30,
      },
      service: { cpu: 512, memoryMiB: 1024, minimumTasks: 3, maximumTasks: 12 },
      loadBalancer: { scheme: 'internal', allowedClients: ['10.0.0.0/8'] },
    },
  ],
};

/** The example deployment, changed by `change`. */
export function exampleDeployment(change: (deployment: DeploymentInput) => void = () => {}): Deployment {
  const input = structuredClone(exampleInput);
  change(input);
  return loadDeployment(input);
}

/** The example with everything switched on that is off by default, in its first environment; both face the internet. */
export function fullDeployment(): Deployment {
  return exampleDeployment(({ environments: [staging, production] }) => {
    if (!staging || !production) throw new Error('The example has two environments.');
    staging.alarmEmail = 'operators@example.com';
    staging.network = { zones: ['a', 'b', 'c'], natGateways: 1, managementHost: true };
    staging.service = { credentialMode: 'fetched', deployment: 'blue-green' };
    staging.loadBalancer = {
      scheme: 'internet-facing',
      allowedClients: ['0.0.0.0/0'],
      hostName: 'music.example.com',
      hostedZone: { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' },
    };
    production.network = { natGateways: 2 };
    production.loadBalancer = { scheme: 'internet-facing', allowedClients: ['192.0.2.0/24'] };
  });
}
