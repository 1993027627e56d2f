import {
  DescribeAvailabilityZonesCommand,
  DescribeVpcEndpointServicesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { awsClient } from '../../../aws/clients.ts';
import { type Environment, endpointNames, endpointsOf, zoneLetters } from '../../../config/index.ts';
import type { Check, Finding } from './preflight.ts';

/** The services for which the network has interface endpoints. */
export const endpointServices = endpointNames.filter((name) => name !== 's3');
/** Additional endpoints of a network with a management host. */
export const managementServices = ['ssm', 'ssmmessages', 'ec2messages'];

const zoneNames = ({ region, network }: Environment) =>
  zoneLetters(network).map((zone) => `${region}${zone}`);

/** Checks that zones exist, are available, and offer all endpoints. */
export const networkChecks: Readonly<Record<string, Check>> = {
  zones: async ({ environment, clientOptions }) => {
    // The letters of an existing network are only labels; its subnets determine the zones.
    if (environment.network.type === 'existing') return [];
    const { AvailabilityZones = [] } = await awsClient(EC2Client, clientOptions).send(
      new DescribeAvailabilityZonesCommand({}),
    );
    const open = AvailabilityZones.filter(({ State }) => State === 'available').map(
      ({ ZoneName = '' }) => ZoneName,
    );
    const remedy = `Name others in network.zones: ${open.map((name) => name.slice(environment.region.length)).join(', ')}. The first two are for life.`;
    return zoneNames(environment)
      .filter((name) => !open.includes(name))
      .map((name) => ({ message: `This account has no available zone ${name}.`, remedy }));
  },
  endpoints: async ({ environment, clientOptions }) => {
    const { region, network } = environment;
    const names = [
      ...endpointServices.filter((name) => endpointsOf(network).includes(name)),
      ...(network.type === 'new' && network.managementHost ? managementServices : []),
    ].map((service) => `com.amazonaws.${region}.${service}`);
    if (names.length === 0) return [];
    const { ServiceDetails = [] } = await awsClient(EC2Client, clientOptions).send(
      new DescribeVpcEndpointServicesCommand({ Filters: [{ Name: 'service-name', Values: names }] }),
    );
    return names.flatMap((name): Finding[] => {
      const found = ServiceDetails.find(({ ServiceName }) => ServiceName === name);
      if (!found) {
        const remedy = 'Deploy to another region, or set network.natGateways.';
        return [{ message: `The region ${region} has no endpoint ${name}.`, remedy }];
      }
      if (network.type === 'existing') return [];
      const missing = zoneNames(environment).filter((zone) => !found.AvailabilityZones?.includes(zone));
      if (missing.length === 0) return [];
      const remedy = `Name zones in network.zones that it has: ${found.AvailabilityZones?.join(', ')}.`;
      return [{ message: `The endpoint ${name} is not offered in ${missing.join(' and ')}.`, remedy }];
    });
  },
};
