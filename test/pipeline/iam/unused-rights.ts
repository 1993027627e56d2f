import {
  all,
  list,
  objectsIn,
  type Resource,
  resources,
  type SynthesizedTemplate,
} from '../../infrastructure/template.ts';
import type { Program } from './calls-of-programs.ts';
import type { Statement } from './policies-of-template.ts';

type Calls = Readonly<Record<Program, readonly string[]>>;

/** What AWS services call after they assume a role of ours, according to their guides. */
const callsOfServices: Readonly<Record<string, readonly string[]>> = {
  // A Systems Manager document makes it join a domain.
  'ec2.amazonaws.com': ['ds:CreateComputer', 'ds:DescribeDirectories'],
  'rds.amazonaws.com': [
    'ds:AuthorizeApplication',
    'ds:DescribeDirectories',
    'ds:GetAuthorizedApplicationDetails',
    'ds:UnauthorizeApplication',
  ],
  'vpc-flow-logs.amazonaws.com': ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
  'codebuild.amazonaws.com': [
    ...['BatchPutTestCases', 'CreateReport', 'CreateReportGroup', 'UpdateReport'].map(
      (name) => `codebuild:${name}`,
    ),
    ...['CreateNetworkInterface', 'CreateNetworkInterfacePermission', 'DeleteNetworkInterface'].map(
      (name) => `ec2:${name}`,
    ),
    ...['DhcpOptions', 'NetworkInterfaces', 'SecurityGroups', 'Subnets', 'Vpcs'].map(
      (name) => `ec2:Describe${name}`,
    ),
    ...['logs:CreateLogStream', 'logs:PutLogEvents'],
    ...['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetObject', 's3:GetObjectVersion'],
  ],
};

/**
 * What ECS calls before a task starts, for its images, logs and secrets. The CDK also grants `DescribeSecret`.
 */
const toStartTasks = [
  ...['BatchCheckLayerAvailability', 'BatchGetImage', 'GetAuthorizationToken', 'GetDownloadUrlForLayer'].map(
    (name) => `ecr:${name}`,
  ),
  ...['logs:CreateLogStream', 'logs:PutLogEvents', 'kms:Decrypt'],
  ...['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
];

/** What Lambda calls for a function: for its log, its failed events and, in a VPC, its network interfaces. */
function toRun({ DeadLetterConfig, VpcConfig }: Resource['Properties']): string[] {
  return [
    ...['logs:CreateLogStream', 'logs:PutLogEvents'],
    ...(DeadLetterConfig ? ['sqs:SendMessage'] : []),
    ...(VpcConfig
      ? [
          ...['AssignPrivateIpAddresses', 'CreateNetworkInterface', 'DeleteNetworkInterface'].map(
            (name) => `ec2:${name}`,
          ),
          ...['DescribeNetworkInterfaces', 'DescribeSubnets', 'UnassignPrivateIpAddresses'].map(
            (name) => `ec2:${name}`,
          ),
        ]
      : []),
  ];
}

/** The program of a function, by how the function's logical id begins. */
const functions: readonly (readonly [RegExp, Program])[] = [
  [/^SettingsProvisioning/, 'directory-settings'],
  [/^User\w*RotationProvisioning/, 'directory-user-rotation'],
  [/^OwnPasswordRotation\w*Provisioning/, 'own-password-rotation'],
  [/^User\w*Provisioning/, 'directory-user'],
  [/^MembershipProvisioning/, 'domain-membership'],
  [/^Login\w+Provisioning/, 'sql-login'],
  [/^ProvisioningFunction/, 'sql-database'],
  [/^TrafficHook/, 'integration-test-hook'],
];

/** What a state machine calls, by the type of its tasks. */
const tasks: Readonly<Record<string, readonly string[]>> = {
  'aws-sdk:ecs:updateService': ['ecs:updateService'],
  'ecs:runTask.sync': [
    ...['ecs:DescribeTasks', 'ecs:RunTask', 'ecs:StopTask', 'iam:PassRole'],
    ...['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
  ],
};
const toLog = [
  ...['CreateLogDelivery', 'DeleteLogDelivery', 'GetLogDelivery', 'ListLogDeliveries', 'UpdateLogDelivery'],
  ...['DescribeLogGroups', 'DescribeResourcePolicies', 'PutResourcePolicy'],
].map((name) => `logs:${name}`);
const toTrace = ['GetSamplingRules', 'GetSamplingTargets', 'PutTelemetryRecords', 'PutTraceSegments'].map(
  (name) => `xray:${name}`,
);

/** What Secrets Manager calls on a key with the permissions of its caller. */
const withKeys: Readonly<Record<string, readonly string[]>> = {
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/**
 * @returns a message for each action that a role of an environment's template is granted but that neither a program of this
 *   project nor an AWS service calls with it
 */
export function unusedRights(template: SynthesizedTemplate, programs: Calls): string[] {
  return resources(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) => {
    const trust: Statement[] = Properties.AssumeRolePolicyDocument.Statement;
    const called = new Set(
      [...objectsIn(trust)]
        .flatMap(({ Service, AWS }) => [
          ...list(Service as string | string[] | undefined),
          ...(AWS ? ['people'] : []),
        ])
        .flatMap((who) => callsOf(template, id, who, programs)),
    );
    for (const [call, more] of Object.entries(withKeys))
      if (called.has(call)) for (const each of more) called.add(each);
    const given = [...objectsIn([Properties.Policies, policiesFor(template, id)])].flatMap(
      ({ Effect, Action }) => (Effect === 'Allow' ? list(Action as string | string[] | undefined) : []),
    );
    return [...new Set(given)]
      .filter((action) => !called.has(action))
      .map(
        (action) =>
          `${id} may call ${action}, which nobody does who takes it on: take it away, or tell here who does.`,
      );
  });
}

const policiesFor = (template: SynthesizedTemplate, role: string) =>
  all(template, 'AWS::IAM::Policy').filter(({ Roles }) => JSON.stringify(Roles).includes(`"${role}"`));

/** What a principal that assumes a role calls with it. */
function callsOf(
  template: SynthesizedTemplate,
  role: string,
  who: string,
  programs: Calls,
): readonly string[] {
  const isRole = (value: unknown) => JSON.stringify(value ?? '').includes(`"${role}"`);
  const having = (type: string, property: string) =>
    resources(template, type).filter(([, { Properties }]) => isRole(Properties[property]));
  switch (who) {
    // The pipeline starts the integration test, and people do so with the same program.
    case 'people':
      return programs['run-integration-test'];
    case 'lambda.amazonaws.com':
      return having('AWS::Lambda::Function', 'Role').flatMap(([id, { Properties }]) => [
        ...toRun(Properties),
        ...callsOfFunction(template, id, programs),
      ]);
    case 'ecs-tasks.amazonaws.com':
      return [
        ...(having('AWS::ECS::TaskDefinition', 'ExecutionRoleArn').length > 0 ? toStartTasks : []),
        ...(having('AWS::ECS::TaskDefinition', 'TaskRoleArn').length > 0 ? programs.sidecar : []),
      ];
    case 'ecs.amazonaws.com':
      return all(template, 'AWS::ECS::Service').some(isRole) ? ['lambda:InvokeFunction'] : [];
    case 'states.amazonaws.com':
      return having('AWS::StepFunctions::StateMachine', 'RoleArn').flatMap(([, { Properties }]) => [
        ...Object.entries(tasks).flatMap(([task, calls]) =>
          JSON.stringify(Properties.DefinitionString).includes(`:states:::${task}\\"`) ? calls : [],
        ),
        ...(Properties.LoggingConfiguration ? toLog : []),
        ...(Properties.TracingConfiguration?.Enabled ? toTrace : []),
      ]);
    case 'events.amazonaws.com':
      return all(template, 'AWS::Events::Rule').some(isRole) ? ['states:StartExecution'] : [];
    case 'scheduler.amazonaws.com':
      return all(template, 'AWS::Scheduler::Schedule').some(isRole)
        ? ['sqs:SendMessage', 'states:StartExecution']
        : [];
    default:
      return callsOfServices[who] ?? [];
  }
}

/**
 * What the code of a function calls. The function is ours, or one of the CDK: a custom resource whose calls are in its
 * properties, or the one that restricts the default security group.
 */
function callsOfFunction(template: SynthesizedTemplate, id: string, programs: Calls): readonly string[] {
  const [, program] = functions.find(([pattern]) => pattern.test(id)) ?? [];
  if (program) return programs[program];
  if (id.startsWith('CustomVpcRestrictDefaultSG')) {
    return ['Authorize', 'Revoke'].flatMap((what) =>
      ['Egress', 'Ingress'].map((way) => `ec2:${what}SecurityGroup${way}`),
    );
  }
  return all(template, 'Custom::AWS')
    .filter(({ ServiceToken }) => ServiceToken['Fn::GetAtt'][0] === id)
    .flatMap(({ Create, Update, Delete }) =>
      [Create, Update, Delete].flatMap((call) => {
        if (call === undefined) return [];
        const { service, action } = JSON.parse(call) as { service: string; action: string };
        return [`${service.toLowerCase()}:${action.charAt(0).toUpperCase()}${action.slice(1)}`];
      }),
    );
}
