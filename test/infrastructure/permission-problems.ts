import { all, list, objectsIn, resources, type SynthesizedTemplate } from './template.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | string[];
  readonly NotAction?: unknown;
  readonly NotResource?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** All statements that allow something, in any policy except that of an endpoint, which only restricts. */
function allowed(template: SynthesizedTemplate): Statement[] {
  const given = Object.values(template.Resources).filter(({ Type }) => Type !== 'AWS::EC2::VPCEndpoint');
  return (
    [...objectsIn(given)]
      // The standard statement that gives a key to its account, whose own policies control its use. Without it, the key
      // would be unusable.
      .filter((object) => !isKeyOfAccount(object))
      .filter((object) => object.Effect === 'Allow' && (object.Action ?? object.NotAction) !== undefined)
      .map((object) => object as unknown as Statement)
  );
}

function isKeyOfAccount({ Action, Principal }: Record<string, unknown>): boolean {
  return Action === 'kms:*' && /:iam::\d{12}:root|"AWS::AccountId"/.test(JSON.stringify(Principal));
}

/**
 * Actions for which IAM supports no resources, or none whose names are known before they exist, and who needs them.
 *
 * @see
 *   https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const withoutResources: Readonly<Record<string, string>> = {
  'ecr:GetAuthorizationToken': 'ECS, to pull images',
  'ds:DescribeDirectories': 'RDS and the management host, to join the domain',
  'ds:CreateComputer': 'the management host, to join the domain',
  'rds:DescribeEvents': 'the function that tells why SQL Server could not join a domain',
  'secretsmanager:GetRandomPassword': 'functions that make a password',
  'ec2:CreateNetworkInterface': 'CodeBuild, in the VPC, which is said to need it so',
  'ec2:DeleteNetworkInterface': 'CodeBuild, in the VPC, which is said to need it so',
  'ec2:DescribeManagedPrefixLists': 'the function that finds the addresses of S3',
  'ec2:DescribeNetworkInterfaces': 'Lambda and CodeBuild, in the VPC',
  'ec2:DescribeSubnets': 'Lambda and CodeBuild, in the VPC',
  'ec2:DescribeDhcpOptions': 'CodeBuild, in the VPC',
  'ec2:DescribeSecurityGroups': 'CodeBuild, in the VPC',
  'ec2:DescribeVpcs': 'CodeBuild, in the VPC',
  'inspector2:ListCoverage': 'builds, to know whether an image has been scanned',
  'inspector2:ListFindings': 'builds, to know what was found in an image',
  'logs:CreateLogDelivery': 'Step Functions, to log',
  'logs:GetLogDelivery': 'Step Functions, to log',
  'logs:UpdateLogDelivery': 'Step Functions, to log',
  'logs:DeleteLogDelivery': 'Step Functions, to log',
  'logs:ListLogDeliveries': 'Step Functions, to log',
  'logs:PutResourcePolicy': 'Step Functions, to log',
  'logs:DescribeResourcePolicies': 'Step Functions, to log',
  'logs:DescribeLogGroups': 'Step Functions, to log',
  'xray:PutTraceSegments': 'Step Functions, to trace',
  'xray:PutTelemetryRecords': 'Step Functions, to trace',
  'xray:GetSamplingRules': 'Step Functions, to trace',
  'xray:GetSamplingTargets': 'Step Functions, to trace',
};

/** AWS-managed policies that services require, and that AWS extends when necessary. */
const policiesOfAws = [
  'AmazonECSInfrastructureRolePolicyForLoadBalancers',
  'AmazonRDSEnhancedMonitoringRole',
  'AmazonSSMManagedInstanceCore',
  'AWSLambdaBasicExecutionRole',
];

/** Actions that conditions restrict where resources cannot: by cluster, by owner, or by service. */
const narrowedBy: Readonly<Record<string, readonly string[]>> = {
  'ec2:CreateNetworkInterfacePermission': ['ec2:AuthorizedService', 'ec2:Subnet'],
  'ecs:RunTask': ['ecs:cluster'],
  'events:PutEvents': ['events:source'],
  'iam:PassRole': ['iam:PassedToService'],
  'kms:Decrypt': ['kms:ViaService'],
  'kms:Encrypt': ['kms:ViaService'],
  'kms:GenerateDataKey': ['kms:ViaService'],
};

/** @returns one sentence for each permission of a template that is wider than necessary */
export function permissionProblems(template: SynthesizedTemplate): string[] {
  return [
    ...allowed(template).flatMap(problemsOf),
    ...interfacesOfFunctions(template),
    ...resources(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
      policyProblems(id, Properties),
    ),
    ...taskRoles(template)
      .filter((id) => !JSON.stringify(template.Resources[id]?.Properties).includes('aws:SourceAccount'))
      .map((id) => `${id} is taken on by tasks of any account`),
    ...all(template, 'AWS::Lambda::Permission')
      .filter(({ Principal, SourceAccount, SourceArn }) => Principal === '*' || !(SourceAccount ?? SourceArn))
      .map(({ Principal }) => `${Principal} may call a function for any account`),
  ];
}

/** The roles of programs in tasks. ECS names no account for the roles with which it starts them. */
function taskRoles(template: SynthesizedTemplate): string[] {
  const definitions = all(template, 'AWS::ECS::TaskDefinition');
  return [...new Set(definitions.map(({ TaskRoleArn }) => String(TaskRoleArn?.['Fn::GetAtt']?.[0])))];
}

function problemsOf(statement: Statement): string[] {
  const { Action, Resource, Principal, Condition, NotAction, NotResource, NotPrincipal } = statement;
  const problems = [NotAction, NotResource, NotPrincipal]
    .filter((except) => except !== undefined)
    .map((except) => `all but ${JSON.stringify(except)} is allowed`);
  for (const action of list(Action)) {
    if (action.includes('*')) problems.push(`${action} is no single action`);
    if (Principal === undefined) {
      const keys = conditionKeys(Condition);
      const missing = (narrowedBy[action] ?? []).filter((key) => !keys.includes(key));
      for (const key of missing) problems.push(`${action} is allowed whatever ${key} is`);
    }
    if (Principal === undefined && list(Resource).includes('*') && !(action in withoutResources)) {
      problems.push(`${action} is allowed everywhere`);
    }
  }
  if ((JSON.stringify(Principal) ?? '').includes('"*"'))
    problems.push('somebody unknown is allowed something');
  return problems;
}

/** The keys that a condition requires, ignoring operators that are satisfied by missing keys. */
function conditionKeys(condition: unknown): string[] {
  return Object.entries((condition ?? {}) as Record<string, object>).flatMap(([operator, values]) =>
    /(Equals|Like)$/.test(operator) && !/Not/.test(operator) ? Object.keys(values) : [],
  );
}

/** Checks that a function's own code is denied the actions that Lambda needs to attach the function to a network. */
function interfacesOfFunctions(template: SynthesizedTemplate): string[] {
  const interfaces = (statements: Statement[], effect: Statement['Effect']) =>
    statements
      .filter(({ Effect }) => Effect === effect)
      .flatMap(({ Action }) => list(Action))
      .filter((action) => /^ec2:.*(NetworkInterface|PrivateIpAddresses)/.test(action));
  return resources(template, 'AWS::IAM::Role')
    .filter(([, { Properties }]) => JSON.stringify(Properties.AssumeRolePolicyDocument).includes('"lambda.'))
    .flatMap(([id]) => {
      const statements = statementsOf(template, id);
      const ownCode = statements.filter(
        ({ Condition, Resource }) =>
          JSON.stringify(Condition) === '{"Null":{"lambda:SourceFunctionArn":"false"}}' && Resource === '*',
      );
      const denied = interfaces(ownCode, 'Deny');
      return interfaces(statements, 'Allow')
        .filter((action) => !denied.includes(action))
        .map((action) => `${id} lets the code of a function do ${action}`);
    });
}

/** The statements in a role's own policies. */
function statementsOf(template: SynthesizedTemplate, role: string): Statement[] {
  const documents = [
    ...list(template.Resources[role]?.Properties.Policies),
    ...all(template, 'AWS::IAM::Policy').filter(({ Roles }) => JSON.stringify(Roles).includes(`"${role}"`)),
  ];
  return documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement as Statement[]);
}

function policyProblems(id: string, { ManagedPolicyArns = [] }: { ManagedPolicyArns?: unknown[] }): string[] {
  return ManagedPolicyArns.map((arn) => JSON.stringify(arn))
    .filter((arn) => !policiesOfAws.some((name) => arn.endsWith(`/${name}"`) || arn.includes(`/${name}"`)))
    .map((arn) => `${id} has the policy ${arn}`);
}
