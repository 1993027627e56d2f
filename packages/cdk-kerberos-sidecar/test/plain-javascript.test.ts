import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type IVpc, Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, FargateService, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, test } from 'vitest';
import { KerberosSidecar } from '../src/index.ts';
import { exampleSidecar, exampleStack, servedTask, userArn } from './example-task.ts';

// Mistakes that a compiler would find, and the errors that a JavaScript program gets instead.
const made = (values: object) => () => exampleSidecar(exampleStack(), values as never);
// biome-ignore lint/suspicious/noExplicitAny: as a program in JavaScript sees it
type Untyped = any;
const sidecar = (act: (kerberos: Untyped, task: ReturnType<typeof servedTask>) => unknown) => () => {
  const task = servedTask();
  act(task.kerberos, task);
};
const serviceOf = ({ stack, task: taskDefinition }: ReturnType<typeof servedTask>) =>
  new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') as IVpc }) as ICluster,
    taskDefinition,
    minHealthyPercent: 100,
  });

const controllers = { domainControllers: Peer.ipv4('10.0.0.0/16') };

const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    'no properties',
    () => new (KerberosSidecar as Untyped)(),
    /domain is missing.*user is missing.*sqlServer is missing/,
  ],
  ['no server', made({ sqlServer: undefined }), /sqlServer is missing, but it must be an object with host/],
  [
    'the name of a server',
    made({ sqlServer: 'sql01.corp.example.com' }),
    /sqlServer is "sql01.*an object with host/,
  ],
  [
    'an unknown key of the server',
    made({ sqlServer: { host: 'a.b', instance: 'X' } }),
    /instance is not a prop/,
  ],
  ['the ARN of a secret', made({ user: userArn }), /user is "arn:.*fromSecretCompleteArn/],
  ['a number for a time', made({ signInSpread: 20 }), /signInSpread is 20.*Duration\.seconds/],
  ['the name of an image', made({ image: 'sidecar:1' }), /image is "sidecar:1".*ContainerImage/],
  ['the name of a log', made({ logging: 'here' }), /logging is "here".*LogDriver/],
  ['one volume', made({ volumes: { published: 'x' } }), /volumes is something else.*published and private/],
  ['text for variables', made({ environment: 'LOG_LEVEL=debug' }), /environment is .*object of variables/],
  [
    'no task definition',
    () => exampleSidecar(exampleStack()).extend(undefined as never),
    /added to nothing, but it needs a task definition/,
  ],
  ['no container', sidecar((it) => it.serve(undefined)), /serve got nothing.*as addContainer returns/],
  ['the name of a container', sidecar((it) => it.serve('web')), /serve got "web"/],
  [
    'a path for options',
    sidecar((it, { web }) => it.serve(web, '/ticket')),
    /serve got "\/ticket".*mountPath/,
  ],
  ['an unknown option', sidecar((it, { web }) => it.serve(web, { path: '/x' })), /no option path.*mountPath/],
  ['a name to leave out', sidecar((it) => it.leaveOut('web')), /leaveOut got "web"/],
  [
    'a task to be let out',
    sidecar((it, { task }) => it.allowTo(task, {})),
    /got a FargateTaskDefinition, but .*the service/,
  ],
  ['no peers', sidecar((it, task) => it.allowTo(serviceOf(task))), /nothing as domainControllers/],
  [
    'an address instead of a peer',
    sidecar((it, task) => it.allowTo(serviceOf(task), { domainControllers: ['10.0.0.0/16'] })),
    /got "10\.0\.0\.0\/16" as domainControllers.*Peer\.ipv4/,
  ],
  [
    'an unknown kind of peer',
    sidecar((it, task) => it.allowTo(serviceOf(task), { ...controllers, sqlserver: controllers })),
    /allowTo has no option sqlserver\. Its options: domainControllers, nameServers, sqlServer/,
  ],
  ['a parameter for a secret', made({ user: { grantRead: () => {} } }), /user is something else.*a secret/],
  ['a number for a name', made({ containerName: 5 }), /containerName is 5, but it must be text/],
  ['nothing for a service', made({ serviceName: null }), /serviceName is null, but it must be text/],
  ['a number for a namespace', made({ metricsNamespace: 5 }), /metricsNamespace is 5, but it must be text/],
  ['nothing for an SPN', made({ sqlServer: { host: 'a.b', spn: null } }), /sqlServer\.spn is null/],
  ['alarms with nothing', sidecar((it, { stack }) => it.addAlarms(stack, null)), /addAlarms got null/],
  [
    'an unknown option of addAlarms',
    sidecar((it, { stack }) => it.addAlarms(stack, { action: [] })),
    /addAlarms has no option action\. Its options: actions/,
  ],
  [
    'one action for a list',
    sidecar((it, { stack }) => it.addAlarms(stack, { actions: new SnsAction(new Topic(stack, 'Topic')) })),
    /got a SnsAction as actions, but it needs a list/,
  ],
  [
    'a topic for an action',
    sidecar((it, { stack }) => it.addAlarms(stack, { actions: [new Topic(stack, 'Topic')] })),
    /got a Topic as actions/,
  ],
  [
    'too many actions for an alarm',
    sidecar((it, { stack }) => {
      const action = new SnsAction(new Topic(stack, 'Topic'));
      it.addAlarms(stack, { actions: Array.from({ length: 6 }, () => action) });
    }),
    /got 6 actions, but CloudWatch allows at most 5/,
  ],
  ['alarms nowhere', sidecar((it) => it.addAlarms()), /addAlarms got nothing.*scope/],
];

test.each(wrong)('%s: reported in a sentence', (_, act, message) => {
  expect(act).toThrow(message);
  expect(act).toThrow(/^KerberosSidecar: /);
});

test('a value that may be the password is not quoted', () => {
  expect(made({ user: 'Correct horse 1' })).toThrow(/user is something else, but it must be a secret/);
});

test('correct values are accepted', () => {
  const task = servedTask();
  const peers = { domainControllers: [Peer.ipv4('10.0.0.0/16')], nameServers: [] };
  expect(() => task.kerberos.allowTo(serviceOf(task), peers)).not.toThrow();
});

test('rules allow each address of a SQL Server', () => {
  const { stack, kerberos } = servedTask();
  const tasks = new SecurityGroup(stack, 'Tasks', {
    vpc: new Vpc(stack, 'Vpc') as IVpc,
    allowAllOutbound: false,
  });
  const sqlServer = [Peer.ipv4('10.0.1.10/32'), Peer.ipv4('10.0.2.10/32')];
  kerberos.allowTo(tasks, { ...controllers, sqlServer });
  const [group] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'));
  const rules: { FromPort: number }[] = group?.Properties.SecurityGroupEgress;
  expect(rules.filter(({ FromPort }) => FromPort === 1433)).toHaveLength(2);
});
