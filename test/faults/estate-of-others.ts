import type { DeploymentInput } from '../../lib/config/index.ts';
import { companyAuthority, exampleInput } from '../infrastructure/example-deployment.ts';

const [staging] = exampleInput.environments;
if (!staging) throw new Error('The example has an environment.');

/**
 * The example on existing infrastructure: the network, the directory, a user that changes its own password, and a SQL
 * Server with a company certificate and a non-default port, in a domain that trusts the user's domain.
 */
export const estateOfOthers: DeploymentInput = {
  ...exampleInput,
  environments: [
    {
      ...staging,
      network: {
        type: 'existing',
        vpcId: 'ssm:/network/vpc-id',
        cidrs: ['10.30.0.0/16'],
        zones: { a: { tasks: 'subnet-0123456789abcdefa' }, b: { tasks: 'subnet-0123456789abcdefb' } },
      },
      directory: { type: 'self-managed', dnsAddresses: ['192.168.10.10'], kdcs: ['dc1.corp.example.com'] },
      user: {
        name: 'svc-music',
        secretArn: `arn:aws:secretsmanager:${staging.region}:${staging.account}:secret:corp/svc-music-AbCdEf`,
        rotation: 'own-password',
      },
      trusted: [{ name: 'servers.example.net', dnsAddresses: ['192.168.20.10'] }],
      database: {
        type: 'existing',
        host: 'sql01.servers.example.net',
        port: 1533,
        domain: 'servers.example.net',
        certificates: { files: [companyAuthority] },
        name: 'Orders',
        userRoles: ['db_datawriter'],
        access: { addresses: ['192.168.20.0/24'] },
      },
    },
  ],
};
