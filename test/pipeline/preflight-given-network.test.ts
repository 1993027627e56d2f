import { describe, expect, test } from 'vitest';
import { exampleDeployment } from '../infrastructure/synthesize.ts';
import type { Answers } from './fakes/account.ts';
import { preflightAccounts, region } from './preflight-account.ts';

const { lastAccount, said } = preflightAccounts();

describe('An existing network', () => {
  const given = (change: (network: Record<string, unknown>) => void = () => {}) =>
    exampleDeployment(({ environments: [staging] }) => {
      const network = structuredClone(existingNetwork) as Record<string, unknown>;
      change(network);
      Object.assign(staging ?? {}, { network, directory: { type: 'new', resolver: 'create' } });
    });
  const subnet = (id: string, letter: string, vpc = 'vpc-0123456789abcdef0') =>
    `<item><subnetId>${id}</subnetId><vpcId>${vpc}</vpcId><availabilityZone>${region}${letter}</availabilityZone></item>`;
  const subnets = (...found: string[]) => `<subnetSet>${found.join('')}</subnetSet>`;
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((last) => `subnet-0123456789abcde0${last}`) as [
    string,
    string,
    string,
    string,
  ];
  /** The letters in the configuration are labels; the zones have other letters here. */
  const fits = subnets(subnet(a, 'b'), subnet(b, 'c'), subnet(c, 'b'), subnet(d, 'c'));
  const existingNetwork = {
    type: 'existing',
    vpcId: 'ssm:/network/vpc',
    cidrs: ['10.20.0.0/16'],
    zones: { a: { tasks: a, database: c }, b: { tasks: b, database: d } },
  };
  const answers: Answers = {
    DescribeSubnets: fits,
    GetParameter: '{"Parameter":{"Value":"vpc-0123456789abcdef0"}}',
    DescribeVpcEndpoints: '<vpcEndpointSet/>',
  };

  test('is not checked for quotas and endpoints of resources that are not created', async () => {
    const full = { GetServiceQuota: '{"Quota":{"Value":3}}' };
    const { lines } = await said({ ...answers, ...full }, given());
    expect(lines.filter((line) => !/^(quota of Fargate)/.test(line))).toEqual([]);
    expect(lastAccount()?.asked).not.toContain('DescribeVpcs');
    expect(lastAccount()?.asked).not.toContain('DescribeVpcEndpointServices');
  });

  test.each<[string, Answers, RegExp, ((network: Record<string, unknown>) => void)?]>([
    [
      'a subnet that does not exist',
      { DescribeSubnets: fits.replace(a, b) },
      /^subnets: This account sees no subnet .*0a\. /,
    ],
    [
      'a subnet of another VPC',
      { DescribeSubnets: subnets(subnet(a, 'b', 'vpc-1'), subnet(b, 'c'), subnet(c, 'b'), subnet(d, 'c')) },
      /^subnets: The subnet .*0a is in vpc-1, not in vpc-0123456789abcdef0\. /,
    ],
    [
      'an entry with subnets in two zones',
      { DescribeSubnets: subnets(subnet(a, 'b'), subnet(b, 'c'), subnet(c, 'a'), subnet(d, 'c')) },
      /^subnets: The subnets of network\.zones\.a are in eu-central-1b and eu-central-1a\. /,
    ],
    [
      'two entries in the same zone',
      { DescribeSubnets: subnets(subnet(a, 'b'), subnet(b, 'b'), subnet(c, 'b'), subnet(d, 'b')) },
      /^subnets: network\.zones\.a and network\.zones\.b are both in eu-central-1b\. /,
    ],
    [
      'an endpoint that already exists',
      {
        DescribeVpcEndpoints: `<vpcEndpointSet><item><serviceName>com.amazonaws.${region}.logs</serviceName><privateDnsEnabled>true</privateDnsEnabled><vpcEndpointType>Interface</vpcEndpointType></item></vpcEndpointSet>`,
      },
      /^endpoints that are there: The VPC vpc-0123456789abcdef0 already has an endpoint of logs/,
      (network) => Object.assign(network, { endpoints: ['logs', 'events'] }),
    ],
    [
      'an endpoint that is missing in the region',
      { DescribeVpcEndpointServices: '<serviceDetailSet/>' },
      /^endpoints: The region eu-central-1 has no endpoint com\.amazonaws\.eu-central-1\.events\./,
      (network) => Object.assign(network, { endpoints: ['events'] }),
    ],
  ])('has a problem that is reported: %s', async (_, wrong, sentence, change) => {
    const { lines } = await said({ ...answers, ...wrong }, given(change));
    expect(lines).toEqual([expect.stringMatching(sentence)]);
  });
});
