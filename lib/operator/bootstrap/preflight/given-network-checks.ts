import {
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { awsClient, type ClientOptions } from '../../../aws/clients.ts';
import { type ExistingNetwork, endpointsOf, subnetsOf } from '../../../config/index.ts';
import type { Check, Finding } from './preflight.ts';

/** Compares the configuration of an existing network with the network itself. */
export const givenNetworkChecks: Readonly<Record<string, Check>> = {
  subnets: async ({ environment: { network }, clientOptions }) => {
    if (network.type === 'new') return [];
    const vpc = await idOf(clientOptions, network.vpcId);
    const zones = await givenSubnets(network, clientOptions);
    const ids = [...new Set(zones.flatMap(({ subnets }) => subnets))];
    const { Subnets = [] } = await awsClient(EC2Client, clientOptions).send(
      // Use a filter, because with ids the whole call would fail on an unknown one.
      new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values: ids }] }),
    );
    const known = new Map(Subnets.map((subnet) => [subnet.SubnetId, subnet]));
    return [
      ...ids.flatMap((id) => misplaced(id, known.get(id), vpc)),
      ...zoneFindings(
        zones.map(({ letter, subnets }) => ({
          letter,
          zones: [...new Set(subnets.map((id) => known.get(id)?.AvailabilityZone ?? ''))].filter(Boolean),
        })),
      ),
    ];
  },
  'endpoints that are there': async ({ deployed, environment: { network, region }, clientOptions }) => {
    // After the first deployment, the existing endpoints are our own.
    if (network.type === 'new' || deployed || endpointsOf(network).length === 0) return [];
    const vpc = await idOf(clientOptions, network.vpcId);
    const { VpcEndpoints = [] } = await awsClient(EC2Client, clientOptions).send(
      new DescribeVpcEndpointsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }),
    );
    return endpointsOf(network)
      .filter((name) =>
        VpcEndpoints.some(
          ({ ServiceName, PrivateDnsEnabled, VpcEndpointType }) =>
            ServiceName === `com.amazonaws.${region}.${name}` &&
            (PrivateDnsEnabled === true || VpcEndpointType === 'Gateway'),
        ),
      )
      .map((name) => ({
        message: `The VPC ${vpc} already has an endpoint of ${name}: AWS would refuse another one.`,
        remedy: 'Leave it out of network.endpoints, and name where it is in network.awsAddresses.',
      }));
  },
};

async function givenSubnets(network: ExistingNetwork, clientOptions: ClientOptions) {
  return await Promise.all(
    subnetsOf(network).map(async ([letter, { routeTable, ...subnets }]) => ({
      letter,
      subnets: await Promise.all(
        Object.values(subnets)
          .filter((id) => id !== undefined)
          .map((id) => idOf(clientOptions, id)),
      ),
    })),
  );
}

/** The configured id, or the value of the parameter that the configuration names. */
async function idOf(clientOptions: ClientOptions, given: string): Promise<string> {
  if (!given.startsWith('ssm:')) return given;
  const { Parameter } = await awsClient(SSMClient, clientOptions).send(
    new GetParameterCommand({ Name: given.slice('ssm:'.length) }),
  );
  return Parameter?.Value ?? given;
}

function misplaced(id: string, subnet: Subnet | undefined, vpc: string): Finding[] {
  const remedy = 'Correct network.vpcId or network.zones, or have the subnet shared with this account.';
  if (!subnet) return [{ message: `This account sees no subnet ${id}.`, remedy }];
  return subnet.VpcId === vpc
    ? []
    : [{ message: `The subnet ${id} is in ${subnet.VpcId}, not in ${vpc}.`, remedy }];
}

/** The letters are only labels: the subnets of one entry must share a zone, and those of two entries must not. */
function zoneFindings(
  entries: readonly { readonly letter: string; readonly zones: readonly string[] }[],
): Finding[] {
  return entries.flatMap(({ letter, zones }, index): Finding[] => {
    const remedy = 'Put the subnets of each zone into one entry of network.zones.';
    if (zones.length > 1) {
      return [{ message: `The subnets of network.zones.${letter} are in ${zones.join(' and ')}.`, remedy }];
    }
    const [zone = ''] = zones;
    const other = entries.slice(0, index).find((entry) => entry.zones.includes(zone));
    return other
      ? [
          {
            message: `network.zones.${other.letter} and network.zones.${letter} are both in ${zone}.`,
            remedy,
          },
        ]
      : [];
  });
}
