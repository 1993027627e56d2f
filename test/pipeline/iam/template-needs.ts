import { pseudoParameters, resolve } from '../../../local/pipeline/template/resolve.ts';
import {
  list,
  objectsIn,
  type Resource,
  resources,
  type SynthesizedTemplate,
} from '../../infrastructure/template.ts';
import type { Call } from './evaluate.ts';
import { generatedRoleName } from './generated-names.ts';
import { handlerPermissions } from './handlers.ts';

/** A template, with the account, region and name of its stack. */
export interface StackTemplate {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly template: SynthesizedTemplate;
}

/** Intrinsic functions, and what CloudFormation calls to evaluate them. */
const intrinsicFunctions: Readonly<Record<string, readonly string[]>> = {
  'Fn::Base64': [],
  'Fn::Contains': [],
  'Fn::GetAtt': [],
  'Fn::GetStackOutput': ['cloudformation:DescribeStacks'],
  'Fn::Join': [],
  'Fn::Not': [],
  'Fn::Select': [],
  'Fn::Split': [],
  'Fn::Sub': [],
};

/** Dynamic references, by service, and what CloudFormation calls to resolve them. */
const dynamicReferences: Readonly<Record<string, string>> = {
  secretsmanager: 'secretsmanager:GetSecretValue',
  ssm: 'ssm:GetParameters',
  'ssm-secure': 'ssm:GetParameters',
};

/**
 * Everything that CloudFormation calls with its execution role for one template: in the handlers of its resources, with
 * the names that it generates for roles; for the functions and references in it; and to pass roles on.
 *
 * @throws Error with a plain message when the template has a type, function, reference or parameter whose needs are in
 *   no table
 */
export function callsOfTemplate(stack: StackTemplate): Call[] {
  const { template } = stack;
  return [
    ...Object.entries(template.Resources).flatMap(([id, resource]) => callsOfResource(stack, id, resource)),
    ...callsOfLanguage(stack),
    ...rolesHandedOn(stack),
  ];
}

const deploying = ({ account, region }: StackTemplate) =>
  `arn:aws:iam::${account}:role/cdk-wind0e5fc5-cfn-exec-role-${account}-${region}`;

function callsOfResource(stack: StackTemplate, id: string, resource: Resource): Call[] {
  const { region } = stack;
  const principal = deploying(stack);
  // Deploying a custom resource means invoking its function.
  if (resource.Type.startsWith('Custom::'))
    return [{ principal, region, action: 'lambda:InvokeFunction', resource: '*' }];
  const permissions = handlerPermissions.get(resource.Type);
  if (!permissions) {
    throw new Error(
      `${id} of ${stack.stackName} is of the type ${resource.Type}: test/pipeline/iam/handlers.yaml does not say what CloudFormation needs for it.`,
    );
  }
  return permissions.flatMap((action): Call[] => {
    if (action.startsWith('iam:')) return callsOfIam(stack, id, resource, action);
    const abouts = action.endsWith(':PassConnection') ? connections(resource) : ['*'];
    return abouts.map((about) => ({ principal, region, action, resource: about }));
  });
}

function connections({ Properties }: Resource): string[] {
  return [...objectsIn(Properties)].flatMap(({ ConnectionArn }) =>
    typeof ConnectionArn === 'string'
      ? [ConnectionArn.replace('codeconnections', 'codestar-connections')]
      : [],
  );
}

/** Calls of IAM with their actual values: the role's generated names, its boundary, the attached policy. */
function callsOfIam(
  stack: StackTemplate,
  id: string,
  { Type, Properties }: Resource,
  action: string,
): Call[] {
  const principal = deploying(stack);
  const iam = (kind: string) => `arn:aws:iam::${stack.account}:${kind}`;
  switch (action) {
    // Included by `rolesHandedOn`.
    case 'iam:PassRole':
      return [];
    case 'iam:ListRoles':
      return [{ principal, action, resource: '*' }];
    case 'iam:CreateServiceLinkedRole':
      return [
        { principal, action, resource: iam('role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX') },
      ];
  }
  const about = Type === 'AWS::IAM::Policy' ? list(Properties.Roles).map(({ Ref }) => Ref as string) : [id];
  const roles = Type === 'AWS::IAM::Role' || Type === 'AWS::IAM::Policy' ? about : undefined;
  if (!roles) {
    const kind = action.endsWith('InstanceProfile') ? 'instance-profile' : 'role';
    return generatedNames(stack, id).map((name) => ({ principal, action, resource: iam(`${kind}/${name}`) }));
  }
  return roles.flatMap((role) => {
    const boundary = boundaryOf(stack, role);
    const policies = list(stack.template.Resources[role]?.Properties.ManagedPolicyArns).map((policy) =>
      String(resolve(policy, pseudoParameters(stack.account, stack.region))),
    );
    const attaching = /^iam:(At|De)tachRolePolicy$/.test(action);
    return generatedNames(stack, role).flatMap((name) =>
      (attaching ? policies : ['']).map((policy) => ({
        principal,
        action,
        resource: iam(`role/${name}`),
        context: {
          ...(boundary && { 'iam:PermissionsBoundary': boundary }),
          ...(policy && { 'iam:PolicyARN': policy }),
        },
      })),
    );
  });
}

/** The names that a role can get: the one in the template, or those that CloudFormation generates. */
function generatedNames({ template, stackName }: StackTemplate, id: string): string[] {
  const { RoleName } = template.Resources[id]?.Properties ?? {};
  return RoleName ? [RoleName] : [24, 25].map((half) => generatedRoleName(stackName, id, half as 24 | 25));
}

function boundaryOf({ template, account, region }: StackTemplate, role: string): string | undefined {
  const boundary = template.Resources[role]?.Properties.PermissionsBoundary;
  return boundary && String(resolve(boundary, pseudoParameters(account, region)));
}

/** Calls that pass on the template's own roles, and other roles of the same account that it names. */
function rolesHandedOn(stack: StackTemplate): Call[] {
  const { template, account } = stack;
  const principal = deploying(stack);
  const own = resources(template, 'AWS::IAM::Role').flatMap(([id]) =>
    generatedNames(stack, id).map((name) => ({ role: `role/${name}`, service: undefined })),
  );
  const scaling = resources(template, 'AWS::ApplicationAutoScaling::ScalableTarget').map(
    ([, { Properties }]) => ({
      role: String(resolve(Properties.RoleARN, pseudoParameters(account, stack.region))).split(':')[5],
      service: 'application-autoscaling.amazonaws.com',
    }),
  );
  const actions = resources(template, 'AWS::CodePipeline::Pipeline').flatMap(([, { Properties }]) =>
    list<{ Actions: readonly { RoleArn?: unknown }[] }>(Properties.Stages)
      .flatMap(({ Actions }) => Actions)
      .map(({ RoleArn }) => String(resolve(RoleArn ?? '', pseudoParameters(account, stack.region))))
      .filter((arn) => arn.startsWith(`arn:aws:iam::${account}:role/`))
      .map((arn) => ({ role: arn.split(':')[5], service: 'codepipeline.amazonaws.com' })),
  );
  return [...own, ...scaling, ...actions].map(({ role, service }) => ({
    principal,
    action: 'iam:PassRole',
    resource: `arn:aws:iam::${account}:${role}`,
    ...(service && { context: { 'iam:PassedToService': service } }),
  }));
}

function callsOfLanguage(stack: StackTemplate): Call[] {
  const { template, account, region, stackName } = stack;
  const principal = deploying(stack);
  const unknown = (what: string) =>
    new Error(
      `The template of ${stackName} has ${what}: test/pipeline/iam/template-needs.ts does not know what it needs.`,
    );
  const functions = [...objectsIn(template)].flatMap((object) =>
    Object.entries(object)
      .filter(([name]) => name.startsWith('Fn::'))
      .flatMap(([name, argument]) => {
        const actions = intrinsicFunctions[name];
        if (!actions) throw unknown(`the function ${name}`);
        const { StackName = '' } = argument as { StackName?: string };
        return actions.map((action) => ({
          principal,
          action,
          resource: `arn:aws:cloudformation:${region}:${account}:stack/${StackName}/id`,
        }));
      }),
  );
  const references = [...JSON.stringify(template).matchAll(/\{\{resolve:([^:}]+)/g)].map(
    ([, service = '']) => {
      const action = dynamicReferences[service];
      if (!action) throw unknown(`the dynamic reference {{resolve:${service}:…}}`);
      return { principal, region, action, resource: '*' };
    },
  );
  const parameters = Object.values(template.Parameters ?? {})
    .filter(({ Type }) => Type !== 'String')
    .map(({ Type }) => {
      if (!Type.startsWith('AWS::SSM::Parameter::Value<')) throw unknown(`a parameter of type ${Type}`);
      return { principal, region, action: 'ssm:GetParameters', resource: '*' };
    });
  return [...functions, ...references, ...parameters];
}
