import { describe, expect, test } from 'vitest';
import { exampleServices } from './example-deployment.ts';
import { type ServiceStacks, sharingProblems } from './sharing-problems.ts';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { resources } from './template.ts';

/** Another service of each kind, and of each way to receive requests. */
const { templates } = synthesize(
  exampleDeployment((input) => {
    input.environments = input.environments.slice(1);
    for (const environment of input.environments) environment.network = { natGateways: 1 };
    input.services = {
      ...exampleServices,
      reports: { kind: 'web', route: { paths: ['/reports/*'] }, healthPath: '/reports/healthz' },
      albums: {
        kind: 'web',
        route: { paths: ['/albums/*'] },
        healthPath: '/albums/healthz',
        credentialMode: 'fetched',
      },
      tables: {
        kind: 'web',
        loadBalancer: {
          allowedClients: ['10.0.0.0/8'],
          hostName: 'tables.example.com',
          certificateArn: 'arn:aws:acm:eu-central-1:333333333333:certificate/one',
        },
      },
    };
  }),
);
const first = 'windows-auth-production-service';
const stacks: ServiceStacks = Object.fromEntries(
  [...templates]
    .filter(([stack]) => stack.startsWith(first))
    .map(([stack, template]) => [stack.slice(first.length + 1) || 'web', template]),
);

test('services share nothing that lets one impersonate or reach another', () => {
  expect(Object.keys(stacks).sort()).toEqual(['albums', 'job', 'reports', 'tables', 'web', 'worker']);
  expect(sharingProblems(stacks)).toEqual([]);
});

/** The problems after a change in the stack of one service. */
function problemsAfter(service: string, change: (stack: ServiceStacks[string]) => void): string[] {
  const changed = structuredClone(stacks);
  const stack = changed[service];
  if (!stack) throw new Error(`There is no stack of ${service}.`);
  change(stack);
  expect(changed).not.toEqual(stacks);
  return sharingProblems(changed);
}
const firstOf = (stack: ServiceStacks[string], type: string) => {
  const [[id, resource] = []] = resources(stack, type);
  if (id === undefined || !resource) throw new Error(`There is no ${type}.`);
  return { id, properties: resource.Properties };
};
const taskOf = (stack: ServiceStacks[string]) => firstOf(stack, 'AWS::ECS::TaskDefinition').properties;
const role = 'arn:aws:iam::333333333333:role/shared';
const group = 'arn:aws:elasticloadbalancing:eu-central-1:333333333333:targetgroup/shared/1';
const ecs = 'AWS::ECS::Service';
const balancing = (type: string) => `AWS::ElasticLoadBalancingV2::${type}`;

describe('A service is reported that', () => {
  test.each(['reports', 'tables', 'worker', 'job', 'web'])("has another's secret: %s", (service) => {
    const problems = problemsAfter(service, (stack) => {
      for (const parameter of Object.values(stack.Parameters ?? {}) as { Default?: string }[]) {
        if (parameter.Default?.endsWith('user-secret-arn'))
          parameter.Default = '/windows-auth/production/services/albums/user-secret-arn';
      }
    });
    expect(problems).toContain(`${service} reads /windows-auth/production/services/albums/user-secret-arn`);
  });

  test.each([
    [
      'injects a foreign secret',
      'gives a container a secret that is not its own',
      (task) => {
        task.ContainerDefinitions[0].Secrets[0].ValueFrom =
          'arn:aws:secretsmanager:eu-central-1:333333333333:secret:one';
      },
    ],
    [
      'uses a foreign task role',
      'has the TaskRoleArn of others',
      (task) => {
        task.TaskRoleArn = role;
      },
    ],
    [
      'uses a foreign execution role',
      'has the ExecutionRoleArn of others',
      (task) => {
        task.ExecutionRoleArn = role;
      },
    ],
    [
      'keeps tickets in a shared file system',
      'has a volume shared that others may mount',
      (task) => {
        task.Volumes[0].EFSVolumeConfiguration = { FilesystemId: 'fs-1' };
      },
    ],
    [
      'mounts the private folder of the sidecar into its container',
      'lets reports into sidecar-private',
      (task) => {
        task.ContainerDefinitions[1].MountPoints[0].SourceVolume = 'sidecar-private';
      },
    ],
    [
      'lets its container write tickets',
      'lets reports write to shared',
      (task) => {
        task.ContainerDefinitions[1].MountPoints[0].ReadOnly = false;
      },
    ],
    [
      'writes to a foreign log group',
      'writes into a log that others may write into',
      (task) => {
        task.ContainerDefinitions[1].LogConfiguration.Options['awslogs-group'] = '/shared';
      },
    ],
    [
      'has one log group for both containers',
      'has one log for two containers',
      (task) => {
        const [sidecar, own] = task.ContainerDefinitions;
        own.LogConfiguration.Options['awslogs-group'] = sidecar.LogConfiguration.Options['awslogs-group'];
      },
    ],
    // biome-ignore lint/suspicious/noExplicitAny: a task definition as it is written
  ] as [string, string, (task: any) => void][])('%s', (_, problem, change) => {
    expect(problemsAfter('reports', (stack) => change(taskOf(stack)))).toEqual([`reports ${problem}`]);
  });

  test('may read every secret', () => {
    const problems = problemsAfter('worker', (stack) => {
      const { properties } = firstOf(stack, 'AWS::IAM::Policy');
      properties.PolicyDocument.Statement.push({
        ...{ Effect: 'Allow', Action: ['secretsmanager:GetSecretValue'], Resource: '*' },
      });
    });
    expect(problems).toEqual(['worker lets a role read a secret that is not its own']);
  });

  test.each([
    ['everybody', { CidrIp: '0.0.0.0/0' }],
    ['the network', { CidrIp: '10.0.0.0/16' }],
    ['the security group of others', { SourceSecurityGroupId: 'sg-0123456789abcdef0' }],
  ])('lets %s connect to its tasks', (_, source) => {
    for (const service of ['reports', 'tables', 'worker', 'web']) {
      const problems = problemsAfter(service, (stack) => {
        const { AwsvpcConfiguration } = firstOf(stack, ecs).properties.NetworkConfiguration;
        const [own] = AwsvpcConfiguration.SecurityGroups;
        (stack.Resources as Record<string, unknown>).Door = {
          Type: 'AWS::EC2::SecurityGroupIngress',
          Properties: { GroupId: own, IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, ...source },
        };
      });
      expect(problems).toEqual([`${service} lets others than its load balancer into its tasks`]);
    }
  });

  test('has its tasks in a foreign security group', () => {
    const problems = problemsAfter('worker', (stack) => {
      firstOf(stack, ecs).properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = ['sg-1'];
    });
    expect(problems).toContain('worker has tasks in a security group that others may be in');
  });

  test('has the same priority as another at the shared listener', () => {
    const { Priority } = firstOf(
      stacks.albums as ServiceStacks[string],
      balancing('ListenerRule'),
    ).properties;
    const problems = problemsAfter('reports', (stack) => {
      firstOf(stack, balancing('ListenerRule')).properties.Priority = Priority;
    });
    expect(problems).toEqual([
      expect.stringMatching(/(albums|reports) both have priority \d+ at .*\/service\/listener-arn$/),
    ]);
  });

  test('sends requests without a matching rule to other tasks', () => {
    const forward = [{ Type: 'forward', TargetGroupArn: group }];
    for (const service of ['tables', 'web']) {
      const problems = problemsAfter(service, (stack) => {
        firstOf(stack, balancing('Listener')).properties.DefaultActions = forward;
      });
      expect(problems).toEqual([`${service} has a listener that leads somewhere what no rule is for`]);
    }
  });

  test.each(['reports', 'tables', 'web'])('sends its requests to other tasks: %s', (service) => {
    const problems = problemsAfter(service, (stack) => {
      firstOf(stack, balancing('ListenerRule')).properties.Actions = [
        { Type: 'forward', TargetGroupArn: group },
      ];
    });
    expect(problems).toEqual([`${service} has a rule that leads to tasks of others`]);
  });

  test.each(['reports', 'tables', 'web'])('puts its tasks into a foreign target group: %s', (service) => {
    const problems = problemsAfter(service, (stack) => {
      firstOf(stack, ecs).properties.LoadBalancers[0].TargetGroupArn = group;
    });
    expect(problems).toEqual([`${service} has its tasks in a target group of others`]);
  });

  test.each([
    ['log group', 'AWS::Logs::LogGroup', 'LogGroupName'],
    ['role', 'AWS::IAM::Role', 'RoleName'],
    ['family', 'AWS::ECS::TaskDefinition', 'Family'],
    ['target group', balancing('TargetGroup'), 'Name'],
  ])('gives its %s the same name as another', (_, type, key) => {
    const changed = structuredClone(stacks);
    for (const service of ['reports', 'albums'])
      firstOf(changed[service] as ServiceStacks[string], type).properties[key] = 'shared';
    expect(sharingProblems(changed)).toEqual([`reports and albums both have a ${type} shared`]);
  });
});
