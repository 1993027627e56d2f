import { permissionsBoundaryName } from '../../config/iam-names.ts';
import { type Deployment, webServices } from '../../config/index.ts';
import { bootstrapPlaces, roleNamePatterns, stackPrefixes } from './places.ts';
import { attachedPolicies, environmentServices, neverOfATemplate, toolsServices } from './services.ts';

/** A statement of an IAM policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** An IAM policy document. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/**
 * What CloudFormation may do in one account when it deploys. It has full access to the services that our templates use,
 * in the regions that we deploy to, except for calls that give access or data to others. It may create and change only
 * roles of our own stacks, and only within the permissions boundary. The bootstrap's default would be
 * AdministratorAccess.
 */
export function executionPolicy(deployment: Deployment, account: string): PolicyDocument {
  const regions = bootstrapPlaces(deployment)
    .filter((place) => place.account === account)
    .map(({ region }) => region);
  const services = [
    ...new Set<string>([
      ...(account === deployment.tools.account ? toolsServices : []),
      ...(environmentsIn(deployment, account).length > 0 ? environmentServices : []),
    ]),
  ].sort();
  const given = (action: string) => services.includes(action.split(':')[0] ?? '');
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ServicesOfTheTemplates',
        Effect: 'Allow',
        Action: services.map((service) => `${service}:*`),
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': regions } },
      },
      {
        Sid: 'NeverOfATemplate',
        Effect: 'Deny',
        Action: neverOfATemplate.filter(given),
        Resource: '*',
      },
      {
        // CloudFormation resolves references to other stacks (Fn::GetStackOutput) with this role.
        Sid: 'OutputsOfOtherStacks',
        Effect: 'Allow',
        Action: ['cloudformation:DescribeStacks'],
        Resource: (account === deployment.tools.account
          ? [deployment.name]
          : stackPrefixes(deployment, account)
        ).map((prefix) => `arn:aws:cloudformation:*:${account}:stack/${prefix}-*/*`),
      },
      ...roleStatements(deployment, account),
      ...environmentStatements(deployment, account),
      ...toolsStatements(deployment, account),
    ],
  };
}

function environmentsIn({ environments }: Deployment, account: string) {
  return environments.filter((environment) => environment.account === account);
}

/** Roles can be created and changed only with the boundary, and the boundary cannot be removed or changed. */
function roleStatements(deployment: Deployment, account: string): Statement[] {
  const roles = roleNamePatterns(deployment, account).map((name) => `arn:aws:iam::${account}:role/${name}`);
  const boundary = `arn:aws:iam::${account}:policy/${permissionsBoundaryName(deployment)}`;
  return [
    {
      Sid: 'RolesWithinTheBoundary',
      Effect: 'Allow',
      Action: [
        'iam:CreateRole',
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ],
      Resource: roles,
      Condition: { StringEquals: { 'iam:PermissionsBoundary': boundary } },
    },
    {
      Sid: 'RolesOfTheStacks',
      Effect: 'Allow',
      Action: [
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
        'iam:ListRoleTags',
        'iam:PassRole',
        'iam:TagRole',
        'iam:UntagRole',
      ],
      Resource: roles,
    },
    {
      Sid: 'TheBoundaryStays',
      Effect: 'Deny',
      Action: [
        'iam:CreatePolicyVersion',
        'iam:DeletePolicy*',
        'iam:DeleteRolePermissionsBoundary',
        'iam:SetDefaultPolicyVersion',
      ],
      Resource: '*',
    },
    {
      Sid: 'RolesOfTheServices',
      Effect: 'Allow',
      Action: ['iam:CreateServiceLinkedRole'],
      Resource: `arn:aws:iam::${account}:role/aws-service-role/*`,
    },
  ];
}

function environmentStatements(deployment: Deployment, account: string): Statement[] {
  const environments = environmentsIn(deployment, account);
  if (environments.length === 0) return [];
  const names = roleNamePatterns(deployment, account);
  const balancers = environments.flatMap((environment) => [
    environment.loadBalancer,
    ...webServices(deployment, environment).flatMap(({ loadBalancer }) => loadBalancer ?? []),
  ]);
  const zones = balancers.flatMap(({ hostedZone }) => hostedZone?.id ?? []);
  return [
    {
      Sid: 'PoliciesOfAws',
      Effect: 'Allow',
      Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
      Resource: names.map((name) => `arn:aws:iam::${account}:role/${name}`),
      Condition: {
        StringEquals: {
          'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/${permissionsBoundaryName(deployment)}`,
        },
        ArnEquals: { 'iam:PolicyARN': attachedPolicies.map((policy) => `arn:aws:iam::aws:policy/${policy}`) },
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
      Resource: names.map((name) => `arn:aws:iam::${account}:instance-profile/${name}`),
    },
    { Sid: 'RolesThatThereAre', Effect: 'Allow', Action: ['iam:ListRoles'], Resource: '*' },
    {
      // A template passes the service-linked role by its ARN; Application Auto Scaling takes no other role for ECS.
      Sid: 'RoleThatScalesTasks',
      Effect: 'Allow',
      Action: ['iam:PassRole'],
      Resource: `arn:aws:iam::${account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      Condition: {
        StringEqualsIfExists: {
          'iam:PassedToService': [
            'application-autoscaling.amazonaws.com',
            'ecs.application-autoscaling.amazonaws.com',
          ],
        },
      },
    },
    {
      // An endpoint's private names are a hosted zone that is associated with the VPC.
      Sid: 'NamesOfTheEndpoints',
      Effect: 'Allow',
      Action: ['route53:AssociateVPCWithHostedZone', 'route53:DisassociateVPCFromHostedZone'],
      Resource: '*',
    },
    ...(zones.length === 0 ? [] : hostedZoneStatements(zones)),
  ];
}

/** Records of the service, and those that validate its certificate, only in the configured zones. */
function hostedZoneStatements(zones: readonly string[]): Statement[] {
  return [
    {
      Sid: 'NamesOfTheService',
      Effect: 'Allow',
      Action: ['route53:ChangeResourceRecordSets', 'route53:GetHostedZone', 'route53:ListResourceRecordSets'],
      Resource: [...new Set(zones)].map((zone) => `arn:aws:route53:::hostedzone/${zone}`),
    },
    {
      Sid: 'ProgressOfNames',
      Effect: 'Allow',
      Action: ['route53:GetChange', 'route53:ListHostedZones*'],
      Resource: '*',
    },
  ];
}

function toolsStatements(deployment: Deployment, account: string): Statement[] {
  const { tools, source } = deployment;
  if (account !== tools.account) return [];
  return [
    ...(environmentsIn(deployment, account).length > 0
      ? [
          {
            // If an environment is in this account, the pipeline's actions there run with these roles.
            Sid: 'RolesOfTheActions',
            Effect: 'Allow' as const,
            Action: ['iam:PassRole'],
            Resource: `arn:aws:iam::${account}:role/cdk-*-deploy-role-${account}-*`,
            Condition: { StringEqualsIfExists: { 'iam:PassedToService': 'codepipeline.amazonaws.com' } },
          },
        ]
      : []),
    ...(source.type === 'connection'
      ? [
          {
            Sid: 'ConnectionToTheSource',
            Effect: 'Allow' as const,
            Action: ['codeconnections:PassConnection', 'codestar-connections:PassConnection'],
            // The ARN of a connection may have the newer or the older name of the service.
            Resource: ['codeconnections', 'codestar-connections'].map((service) =>
              source.connectionArn.replace(/(codeconnections|codestar-connections)/, service),
            ),
          },
        ]
      : []),
  ];
}
