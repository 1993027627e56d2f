import { CloudWatchLogsClient, DescribeResourcePoliciesCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeAddressesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { awsClient, type ClientOptions } from '../../../aws/clients.ts';
import { furtherServices, mostTasks } from '../../../config/index.ts';
import type { Check, Finding } from './preflight.ts';

/** The number of resource policies that CloudWatch Logs allows per region; it cannot be raised. */
const resourcePolicies = 10;

/**
 * Services that need a service-linked role. AWS creates it at first use, which may be too late for that first request.
 */
const linkedRoles = {
  AWSServiceRoleForECS: 'ecs.amazonaws.com',
  AWSServiceRoleForElasticLoadBalancing: 'elasticloadbalancing.amazonaws.com',
  AWSServiceRoleForRDS: 'rds.amazonaws.com',
  AWSServiceRoleForApplicationAutoScaling_ECSService: 'ecs.application-autoscaling.amazonaws.com',
} as const;

/** Checks that the account's quotas suffice. */
export const quotaChecks: Readonly<Record<string, Check>> = {
  'quota of VPCs': async ({ deployed, environment, clientOptions }) => {
    if (deployed || environment.network.type === 'existing') return [];
    const { Vpcs = [] } = await awsClient(EC2Client, clientOptions).send(new DescribeVpcsCommand({}));
    return room(await quota(clientOptions, 'vpc', 'L-F678F1CE'), Vpcs.length, 1, 'VPCs per region');
  },
  'quota of addresses': async ({ deployed, environment, clientOptions }) => {
    const { network } = environment;
    const natGateways = network.type === 'new' ? network.natGateways : 0;
    if (deployed || natGateways === 0) return [];
    const { Addresses = [] } = await awsClient(EC2Client, clientOptions).send(
      new DescribeAddressesCommand({}),
    );
    return room(
      await quota(clientOptions, 'ec2', 'L-0263D0A3'),
      Addresses.length,
      natGateways,
      'elastic IP addresses',
    );
  },
  'quota of Fargate': async ({ deployment, environment, clientOptions }) => {
    const { cpu, maximumTasks } = environment.service;
    const further = furtherServices(deployment, environment).map(
      (service) => service.cpu * mostTasks(service),
    );
    const units = further.reduce((sum, each) => sum + each, cpu * maximumTasks);
    // During a deployment, new tasks run alongside the old ones.
    const wanted = (units / 1024) * 2;
    return room(await quota(clientOptions, 'fargate', 'L-3032A538'), 0, wanted, 'vCPUs of Fargate');
  },
  'log resource policies': async ({ deployed, environment, clientOptions }) => {
    // Only a directory that we create needs a policy, for its log.
    if (deployed || environment.directory.type !== 'new') return [];
    const client = awsClient(CloudWatchLogsClient, clientOptions);
    let count = 0;
    let nextToken: string | undefined;
    do {
      const page = await client.send(new DescribeResourcePoliciesCommand({ nextToken }));
      count += page.resourcePolicies?.length ?? 0;
      nextToken = page.nextToken;
    } while (nextToken);
    if (count < resourcePolicies) return [];
    return [
      {
        message: `CloudWatch Logs has ${count} resource policies in ${environment.region}, and allows ${resourcePolicies}: there is no room for that of the directory's log.`,
        remedy:
          'Delete one that is not needed, or combine two (aws logs describe-resource-policies). The quota cannot be raised.',
      },
    ];
  },
  'service-linked roles': async ({ deployed, environment, clientOptions }) => {
    if (deployed) return [];
    const client = awsClient(IAMClient, clientOptions);
    const used = Object.entries(linkedRoles).filter(
      ([, service]) => service !== 'rds.amazonaws.com' || environment.database.type === 'new',
    );
    const found = await Promise.all(
      used.map(async ([RoleName, service]): Promise<Finding[]> => {
        try {
          await client.send(new GetRoleCommand({ RoleName }));
          return [];
        } catch (error) {
          if (!(error instanceof Error) || !/^NoSuchEntity/.test(error.name)) throw error;
          return [
            {
              message: `The account has no role ${RoleName} yet: the first deployment may fail once because of that.`,
              remedy: `aws iam create-service-linked-role --aws-service-name ${service}`,
            },
          ];
        }
      }),
    );
    return found.flat();
  },
};

/** The account's quota, or AWS's default if no other value was ever requested. */
async function quota(clientOptions: ClientOptions, ServiceCode: string, QuotaCode: string): Promise<number> {
  const client = awsClient(ServiceQuotasClient, clientOptions);
  try {
    const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
    return Quota?.Value ?? Number.POSITIVE_INFINITY;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NoSuchResourceException') throw error;
    const { Quota } = await client.send(new GetAWSDefaultServiceQuotaCommand({ ServiceCode, QuotaCode }));
    return Quota?.Value ?? Number.POSITIVE_INFINITY;
  }
}

function room(limit: number, used: number, wanted: number, what: string): Finding[] {
  if (used + wanted <= limit) return [];
  return [
    {
      message: `The account's quota of ${what} is ${limit}; ${used > 0 ? `${used} are in use, and ` : ''}${wanted} more may be needed.`,
      remedy: 'Request more in Service Quotas; it takes minutes to days.',
    },
  ];
}
