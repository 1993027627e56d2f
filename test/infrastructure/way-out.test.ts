import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../lib/config/index.ts';
import { scriptObject } from '../../lib/constructs/network/endpoint-policies.ts';
import { pseudoParameters, resolve } from '../../local/pipeline/template/resolve.ts';
import { isAllowed, type Policy } from '../pipeline/iam/evaluate.ts';
import { changeDatabase } from './example-deployment.ts';
import { exampleDeployment, fullDeployment, stackParts, synthesize } from './synthesize.ts';
import { all, resources, type SynthesizedTemplate } from './template.ts';

const [tools, account, stranger] = ['111111111111', '333333333333', '999999999999'];
const region = 'eu-central-1';
const script = 'https://scripts.s3.eu-central-1.amazonaws.com/all.sql';

const withScript = (url: string, natGateways = 0) =>
  exampleDeployment(({ environments: [, production] }) => {
    if (!production) throw new Error('The example has two environments.');
    production.network = { natGateways };
    changeDatabase(production, { script: { url, sha256: '0'.repeat(64) } });
  });

/** The endpoint policies of production by service; `s3` is the gateway endpoint. */
function endpointPolicies(deployment: Deployment, environment = 'production'): Map<string, Policy> {
  const template = synthesize(deployment).template(environment, 'network');
  return new Map(
    resources(template, 'AWS::EC2::VPCEndpoint').map(([, { Properties }]) => {
      const name =
        JSON.stringify(Properties.ServiceName).match(
          /(?:eu-central-1|"AWS::Region"\},")\.([a-z0-9.]+)"/,
        )?.[1] ?? '';
      const policy = resolve(Properties.PolicyDocument, pseudoParameters(account, region)) as Policy;
      return [name, policy];
    }),
  );
}

const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
};
const given = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Whether a call passes an endpoint if its own policies and the resource's allow it. */
const goes = (
  endpoint: Policy | undefined,
  by: string,
  action: string,
  resource: string,
  resourceAccount = resource.split(':')[4] || account,
) => {
  expect(endpoint).toBeDefined();
  return isAllowed(
    { principal: `arn:aws:iam::${by}:role/x`, action, resource, resourceAccount, region },
    { identity: [given], resource: everything, endpoint },
  );
};

/** What an attacker would call through each endpoint. */
const taken: Readonly<Record<string, readonly [action: string, type: string]>> = {
  'ecr.api': ['ecr:PutImage', 'repository/x'],
  'ecr.dkr': ['ecr:PutImage', 'repository/x'],
  logs: ['logs:PutLogEvents', 'log-group:x:log-stream:y'],
  secretsmanager: ['secretsmanager:PutSecretValue', 'secret:x'],
  ds: ['ds:ResetUserPassword', 'directory/d-1'],
  events: ['events:PutEvents', 'event-bus/default'],
  codebuild: ['codebuild:StartBuild', 'project/x'],
  // The management host requests AWS documents from Systems Manager, but not with foreign credentials.
  ssm: ['ssm:PutParameter', 'parameter/x'],
  ssmmessages: ['ssmmessages:OpenDataChannel', '*'],
  ec2messages: ['ec2messages:SendReply', '*'],
};
const ofManagement = ['ssm', 'ssmmessages', 'ec2messages'];

/** Throws if a call with foreign credentials, or to a foreign account, passes. */
async function refusesStrangers(policies: ReadonlyMap<string, Policy>): Promise<void> {
  for (const [service, policy] of policies) {
    if (service === 's3') continue;
    const [action = '', type = ''] = taken[service] ?? [];
    expect(action, `what a stranger would have from the endpoint of ${service}`).not.toBe('');
    const of = (owner: string) =>
      type === '*' ? '*' : `arn:aws:${action.split(':')[0]}:${region}:${owner}:${type}`;
    expect(await goes(policy, stranger, action, of(stranger)), `their ${action}`).toBe(false);
    if (ofManagement.includes(service)) continue;
    expect(await goes(policy, account, action, of(stranger)), `our ${action}`).toBe(false);
  }
  for (const bucket of ['of-a-stranger', 'cloudformation-custom-resource-response-x', 'scripts']) {
    expect(
      await goes(policies.get('s3'), account, 's3:PutObject', `arn:aws:s3:::${bucket}/x`, stranger),
    ).toBe(false);
    expect(
      await goes(policies.get('s3'), stranger, 's3:PutObject', `arn:aws:s3:::${bucket}/x`, stranger),
    ).toBe(false);
  }
}

describe('The endpoints', () => {
  const withHost = exampleDeployment(({ environments: [, production] }) => {
    if (production) production.network = { managementHost: true };
  });
  const policies = endpointPolicies(withScript(script));
  const ofHost = endpointPolicies(withHost);
  const s3 = policies.get('s3');

  test('permit the calls of tasks, functions and builds', async () => {
    for (const [service, action, resource] of [
      ['ecr.api', 'ecr:BatchGetImage', `arn:aws:ecr:${region}:${tools}:repository/windows-auth/web`],
      ['ecr.dkr', 'ecr:GetDownloadUrlForLayer', `arn:aws:ecr:${region}:${tools}:repository/windows-auth/web`],
      ['ecr.api', 'ecr:GetAuthorizationToken', '*'],
      ['logs', 'logs:PutLogEvents', `arn:aws:logs:${region}:${account}:log-group:x:log-stream:y`],
      [
        'secretsmanager',
        'secretsmanager:GetSecretValue',
        `arn:aws:secretsmanager:${region}:${account}:secret:x`,
      ],
      ['secretsmanager', 'secretsmanager:GetRandomPassword', '*'],
      ['ds', 'ds:ResetUserPassword', `arn:aws:ds:${region}:${account}:directory/d-1`],
      ['events', 'events:PutEvents', `arn:aws:events:${region}:${account}:event-bus/default`],
      ['codebuild', 'codebuild:UpdateReport', `arn:aws:codebuild:${region}:${account}:report-group/x`],
      ['s3', 's3:GetObject', `arn:aws:s3:::cdk-hnb659fds-assets-${account}-${region}/x`],
    ] as const) {
      expect(await goes(policies.get(service), account, action, resource), action).toBe(true);
    }
    // With presigned addresses.
    expect(
      await goes(
        s3,
        stranger,
        's3:GetObject',
        `arn:aws:s3:::prod-${region}-starport-layer-bucket/x`,
        stranger,
      ),
    ).toBe(true);
    expect(
      await goes(
        s3,
        stranger,
        's3:PutObject',
        'arn:aws:s3:::cloudformation-custom-resource-response-eucentral1/x',
        stranger,
      ),
    ).toBe(true);
    expect(await goes(s3, stranger, 's3:GetObject', 'arn:aws:s3:::scripts/all.sql', stranger)).toBe(true);
  });

  test('permit no calls with foreign credentials or to foreign accounts', async () => {
    await refusesStrangers(policies);
    await refusesStrangers(ofHost);
    await refusesStrangers(endpointPolicies(fullDeployment(), 'staging'));
    expect([...policies.keys(), ...ofManagement].sort()).toEqual([...Object.keys(taken), 's3'].sort());
  });

  test.each([...ofHost.keys()])(
    'a policy of %s without restrictions on callers is found',
    async (service) => {
      const open = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
      };
      await expect(refusesStrangers(new Map([...ofHost, [service, open as Policy]]))).rejects.toThrow();
    },
  );

  test.each([...ofHost.keys()])('a policy of %s without its conditions is found', async (service) => {
    const lost = structuredClone(ofHost.get(service)) as unknown as {
      Statement: { Condition?: unknown }[];
    };
    for (const statement of lost.Statement) delete statement.Condition;
    await expect(
      refusesStrangers(new Map([...ofHost, [service, lost as unknown as Policy]])),
    ).rejects.toThrow();
  });

  test('only the management host may load parts of its agent from buckets of AWS', async () => {
    const action = ['s3:GetObject', `arn:aws:s3:::aws-ssm-${region}/x`, stranger] as const;
    expect(await goes(s3, account, ...action)).toBe(false);
    expect(await goes(ofHost.get('s3'), account, ...action)).toBe(true);
  });

  test.each([
    ['https://scripts.s3.eu-central-1.amazonaws.com/a/b%20c.sql', 'scripts/a/b c.sql'],
    ['https://s3.eu-central-1.amazonaws.com/scripts/all.sql?X-Amz-Signature=x', 'scripts/all.sql'],
    ['https://my.scripts.s3.eu-central-1.amazonaws.com/all.sql', 'my.scripts/all.sql'],
    ['https://example.com/all.sql', undefined],
    ['https://s3.example.com/all.sql', undefined],
  ])('the object of %s is %s', (url, object) => expect(scriptObject(url)).toBe(object));
});

describe('Out of the private subnets', () => {
  // The default that EC2 gives a group without any rules, inline or separate.
  const everywhere = [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }];
  const beside = (template: SynthesizedTemplate, group: string) =>
    JSON.stringify(all(template, 'AWS::EC2::SecurityGroupEgress')).includes(`"${group}"`);
  /** Destinations outside of the VPC that a stack's security groups permit. */
  const outside = (template: SynthesizedTemplate) =>
    [
      ...resources(template, 'AWS::EC2::SecurityGroup').flatMap(([id, { Properties }]) => {
        const { GroupDescription, SecurityGroupEgress = [] } = Properties;
        const has = SecurityGroupEgress.length > 0 || beside(template, id);
        const rules: object[] = has ? SecurityGroupEgress : everywhere;
        return rules.map((rule) => ({ ...rule, of: GroupDescription }));
      }),
      ...all(template, 'AWS::EC2::SecurityGroupEgress'),
    ]
      .map(({ CidrIpv6, CidrIp = CidrIpv6, ...rule }) => ({ ...rule, CidrIp }))
      .filter(({ CidrIp }) => CidrIp && !CidrIp.startsWith?.('10.') && CidrIp !== '255.255.255.255/32');
  const leading = (deployment: Deployment, environment: string) => {
    const { template } = synthesize(deployment);
    return stackParts.flatMap((part) => outside(template(environment, part)));
  };

  test.each([
    [
      'a rule of a group',
      (group: Record<string, unknown[]>) => {
        group.SecurityGroupEgress = [
          ...(group.SecurityGroupEgress ?? []),
          { CidrIp: '0.0.0.0/0', IpProtocol: '-1' },
        ];
      },
    ],
    [
      'a rule to one address',
      (group: Record<string, unknown[]>) => {
        group.SecurityGroupEgress = [
          { CidrIp: '203.0.113.7/32', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 },
        ];
      },
    ],
    [
      'a rule to IPv6 addresses',
      (group: Record<string, unknown[]>) => {
        group.SecurityGroupEgress = [{ CidrIpv6: '::/0', IpProtocol: '-1' }];
      },
    ],
  ])('%s that leads out is found', (_, change) => {
    const template = structuredClone(synthesize(exampleDeployment()).template('production', 'service'));
    const before = outside(template).length;
    change(all(template, 'AWS::EC2::SecurityGroup')[0]);
    expect(outside(template).length).toBeGreaterThan(before);
  });

  test('a separate outbound rule is found', () => {
    const template = structuredClone(synthesize(exampleDeployment()).template('production', 'service'));
    const before = outside(template).length;
    const rule = {
      Type: 'AWS::EC2::SecurityGroupEgress',
      Properties: { CidrIp: '0.0.0.0/0', IpProtocol: '-1' },
    };
    Object.assign(template.Resources, { Way: rule });
    expect(outside(template).length).toBe(before + 1);
    const group = { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'No rules' } };
    Object.assign(template.Resources, { Group: group });
    expect(outside(template).length, 'a group without rules').toBe(before + 2);
  });

  test('no security group permits traffic, except to S3', () => {
    const ways = leading(exampleDeployment(), 'production').filter(
      ({ CidrIp }) => typeof CidrIp === 'string',
    );
    expect(ways).toEqual([]);
    const service = synthesize(exampleDeployment()).template('production', 'service');
    expect(JSON.stringify(service.Resources)).toContain('DestinationPrefixListId');
  });

  test('only the integration test, to an internet-facing load balancer', () => {
    const ways = leading(fullDeployment(), 'staging').filter(({ CidrIp }) => CidrIp === '0.0.0.0/0');
    expect(ways.map(({ of, FromPort }) => [of, FromPort])).toEqual([
      ['Integration test of staging', 443],
      ['Integration test of staging', 8443],
    ]);
  });

  test('the database function may connect if its script is not in S3', () => {
    const ways = leading(withScript('https://example.com/all.sql', 1), 'production');
    expect(ways.filter(({ CidrIp }) => CidrIp === '0.0.0.0/0').map(({ of }) => of)).toEqual([
      'Provisioning of the database: to SQL Server, AWS endpoints and S3',
    ]);
  });
});

describe('External DNS names', () => {
  const network = (deployment: Deployment, environment = 'production') =>
    synthesize(deployment).template(environment, 'network');

  /** Throws if external names could be resolved. */
  const hidesTheOutside = (template: SynthesizedTemplate): void => {
    const lists = resources(template, 'AWS::Route53Resolver::FirewallDomainList');
    const [rules] = all(template, 'AWS::Route53Resolver::FirewallRuleGroup');
    const domains = (rule: { FirewallDomainListId: { 'Fn::GetAtt': [string] } }) =>
      lists.find(([id]) => id === rule.FirewallDomainListId['Fn::GetAtt'][0])?.[1].Properties.Domains;
    const [first, second] = rules.FirewallRules;
    expect(first).toMatchObject({ Priority: 1, Action: 'ALLOW' });
    expect(domains(first)).toEqual(expect.arrayContaining(['*.amazonaws.com', '*.corp.example.com']));
    expect(domains(first)).not.toContain('*');
    // The owner of public addresses controls their reverse names.
    const ofAddresses = domains(first).filter((name: string) => name.endsWith('.arpa'));
    expect(ofAddresses).toEqual(expect.arrayContaining(['*.10.in-addr.arpa', '*.31.172.in-addr.arpa']));
    const ofPublic = (name: string) =>
      !/^(\*\.)?(10|(1[6-9]|2\d|3[01])\.172|168\.192)\.in-addr\.arpa$/.test(name);
    expect(ofAddresses.filter(ofPublic)).toEqual([]);
    expect(second).toMatchObject({ Priority: 2, Action: 'BLOCK', BlockResponse: 'NXDOMAIN' });
    expect(domains(second)).toEqual(['*']);
    expect(all(template, 'AWS::Route53Resolver::FirewallRuleGroupAssociation')).toHaveLength(1);
  };

  test('cannot be resolved, except those of AWS, of the network and of the domain', () =>
    hidesTheOutside(network(exampleDeployment())));

  const group = 'AWS::Route53Resolver::FirewallRuleGroup';
  test.each<[string, (template: SynthesizedTemplate) => void]>([
    [
      'a list that allows all names',
      (template) => {
        for (const { Domains } of all(template, 'AWS::Route53Resolver::FirewallDomainList'))
          Domains.push('*');
      },
    ],
    [
      'a list that allows the reverse names of all addresses',
      (template) => {
        for (const { Domains } of all(template, 'AWS::Route53Resolver::FirewallDomainList'))
          if (Domains.length > 1) Domains.push('*.in-addr.arpa');
      },
    ],
    [
      'a list without the names of AWS',
      (template) => {
        for (const properties of all(template, 'AWS::Route53Resolver::FirewallDomainList'))
          properties.Domains = ['*'];
      },
    ],
    [
      'a rule that only alerts',
      (template) => {
        all(template, group)[0].FirewallRules[1].Action = 'ALERT';
      },
    ],
    [
      'rules in the other order',
      (template) => {
        all(template, group)[0].FirewallRules.reverse();
      },
    ],
    [
      'no rule for the rest',
      (template) => {
        all(template, group)[0].FirewallRules.pop();
      },
    ],
    [
      'rules without an association to the VPC',
      (template) => {
        const [[id = ''] = []] = resources(template, 'AWS::Route53Resolver::FirewallRuleGroupAssociation');
        delete (template.Resources as Record<string, unknown>)[id];
      },
    ],
  ])('%s is found', (_, change) => {
    const template = structuredClone(network(exampleDeployment()));
    change(template);
    expect(() => hidesTheOutside(template)).toThrow();
  });

  test.each([
    ['100.64.0.0/16', ['64.100']],
    ['100.64.16.0/20', Array.from({ length: 16 }, (_, index) => `${16 + index}.64.100`)],
    ['172.16.0.0/16', []],
  ])('resolve if they are reverse names in the range of the VPC: %s', (cidr, own) => {
    const names = (range: string) => {
      const deployment = exampleDeployment(({ environments: [, production] }) => {
        if (production) production.network = { cidr: range };
      });
      return all(network(deployment), 'AWS::Route53Resolver::FirewallDomainList')[0].Domains as string[];
    };
    const usual = names('10.0.0.0/16');
    expect(names(cidr).filter((name) => !usual.includes(name))).toEqual(
      own.flatMap((name) => [`${name}.in-addr.arpa`, `*.${name}.in-addr.arpa`]),
    );
    expect(usual.every((name) => names(cidr).includes(name))).toBe(true);
  });

  test('can be resolved if NAT gateways provide access', () => {
    expect(resources(network(fullDeployment()), 'AWS::Route53Resolver::FirewallRuleGroup')).toEqual([]);
  });
});
