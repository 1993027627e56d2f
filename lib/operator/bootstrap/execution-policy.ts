import type { Deployment } from '../../config/index.ts';
import { bootstrapPlaces, stackPrefixes } from './places.ts';

/** The services whose resources the stacks of the tools account have, by their IAM prefix. */
export const toolsServices = [
  'codebuild',
  'codepipeline',
  'codestar-notifications',
  'ecr',
  'events',
  'kms',
  'logs',
  's3',
  'sns',
  'ssm',
] as const;

/** The services whose resources the stacks of an environment have. */
export const environmentServices = [
  'acm',
  'application-autoscaling',
  'cloudwatch',
  'codebuild',
  'ds',
  'ec2',
  'ecs',
  'elasticloadbalancing',
  'events',
  'kms',
  'lambda',
  'logs',
  'rds',
  's3',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
  'states',
] as const;

/** Services without regions, which the condition on the region would shut out. */
export const globalServices = ['route53'] as const;

/** Policies of AWS that the stacks attach to roles. No other policy can be attached, so no role becomes an administrator that way. */
export const attachedPolicies = [
  'AmazonECSInfrastructureRolePolicyForLoadBalancers',
  'AmazonSSMManagedInstanceCore',
  'service-role/AWSLambdaBasicExecutionRole',
  'service-role/AmazonRDSEnhancedMonitoringRole',
] as const;

/** Name of the policy that CloudFormation deploys with in every account. */
export function executionPolicyName({ name }: Deployment): string {
  return `${name}-deployment`;
}

/**
 * What CloudFormation may do in one account when it deploys: everything in the services that our templates use, in the
 * regions that we deploy to; and with roles only those of our own stacks. The bootstrap's default would be
 * AdministratorAccess.
 */
export function executionPolicy(deployment: Deployment, account: string) {
  const { tools, source } = deployment;
  const places = bootstrapPlaces(deployment).filter((place) => place.account === account);
  const purposes = new Set(places.flatMap((place) => place.purposes));
  const hasEnvironment = [...purposes].some((purpose) => purpose !== 'tools');
  const services = [
    ...new Set<string>([
      ...(account === tools.account ? toolsServices : []),
      ...(hasEnvironment ? environmentServices : []),
    ]),
  ].sort();
  const roles = stackPrefixes(deployment, account).map(
    (prefix) => `arn:aws:iam::${account}:role/${prefix}-*`,
  );
  const manageRole = [
    'iam:CreateRole',
    'iam:DeleteRole',
    'iam:DeleteRolePolicy',
    'iam:GetRole',
    'iam:GetRolePolicy',
    'iam:ListAttachedRolePolicies',
    'iam:ListRolePolicies',
    'iam:ListRoleTags',
    'iam:PassRole',
    'iam:PutRolePolicy',
    'iam:TagRole',
    'iam:UntagRole',
    'iam:UpdateAssumeRolePolicy',
    'iam:UpdateRole',
    'iam:UpdateRoleDescription',
  ];
  const statements = [
    {
      Sid: 'ServicesOfTheTemplates',
      Effect: 'Allow',
      Action: services.map((service) => `${service}:*`),
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': places.map(({ region }) => region) } },
    },
    ...(hasEnvironment
      ? [
          {
            Sid: 'ServicesWithoutRegions',
            Effect: 'Allow',
            Action: globalServices.map((service) => `${service}:*`),
            Resource: '*',
          },
        ]
      : []),
    {
      // A reference to another stack is read with this role (Fn::GetStackOutput).
      Sid: 'OutputsOfOtherStacks',
      Effect: 'Allow',
      Action: ['cloudformation:DescribeStacks'],
      Resource: stackPrefixes(deployment, account).map(
        (prefix) => `arn:aws:cloudformation:*:${account}:stack/${prefix}-*/*`,
      ),
    },
    { Sid: 'RolesOfTheStacks', Effect: 'Allow', Action: manageRole, Resource: roles },
    ...(hasEnvironment
      ? [
          {
            Sid: 'PoliciesOfAws',
            Effect: 'Allow',
            Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
            Resource: roles,
            Condition: {
              ArnEquals: {
                'iam:PolicyARN': attachedPolicies.map((policy) => `arn:aws:iam::aws:policy/${policy}`),
              },
            },
          },
          {
            Sid: 'InstanceProfiles',
            Effect: 'Allow',
            Action: [
              'iam:AddRoleToInstanceProfile',
              'iam:CreateInstanceProfile',
              'iam:DeleteInstanceProfile',
              'iam:GetInstanceProfile',
              'iam:RemoveRoleFromInstanceProfile',
            ],
            Resource: stackPrefixes(deployment, account).map(
              (prefix) => `arn:aws:iam::${account}:instance-profile/${prefix}-*`,
            ),
          },
        ]
      : []),
    {
      Sid: 'RolesOfTheServices',
      Effect: 'Allow',
      Action: ['iam:CreateServiceLinkedRole'],
      Resource: `arn:aws:iam::${account}:role/aws-service-role/*`,
    },
    ...(account === tools.account && source.type === 'connection'
      ? [
          {
            Sid: 'ConnectionToTheSource',
            Effect: 'Allow',
            Action: ['codeconnections:PassConnection', 'codestar-connections:PassConnection'],
            Resource: source.connectionArn,
          },
        ]
      : []),
  ];
  return { Version: '2012-10-17', Statement: statements };
}

/** The CloudFormation template that holds the policy: a stack of its own, because the bootstrap needs it first. */
export function executionPolicyTemplate(deployment: Deployment, account: string) {
  return {
    Description: 'What CloudFormation may do when the pipeline deploys here',
    Resources: {
      DeploymentPolicy: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          ManagedPolicyName: executionPolicyName(deployment),
          Description: 'Services of our templates, and roles of our own stacks',
          PolicyDocument: executionPolicy(deployment, account),
        },
      },
    },
  };
}
