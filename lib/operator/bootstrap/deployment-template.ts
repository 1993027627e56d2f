import { executionPolicyName, permissionsBoundaryName, templateReaderName } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import { executionPolicy } from './execution-policy.ts';
import { permissionsBoundary } from './permissions-boundary.ts';
import { templateReaderPolicy, templateReaderTrust } from './template-reader.ts';

/**
 * The CloudFormation template of what an account needs before the bootstrap: the policy that CloudFormation deploys
 * with, the permissions boundary that this policy requires of every role, and the role that reads templates. It is a
 * separate stack that deployments cannot change.
 */
export function deploymentTemplate(deployment: Deployment, account: string) {
  return {
    Description: 'What CloudFormation may do when the pipeline deploys here',
    Resources: {
      DeploymentPolicy: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          ManagedPolicyName: executionPolicyName(deployment),
          Description: 'Services of our templates, and roles of our own stacks within the boundary',
          PolicyDocument: executionPolicy(deployment, account),
        },
      },
      PermissionsBoundary: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          ManagedPolicyName: permissionsBoundaryName(deployment),
          Description: 'What no role of our stacks goes beyond',
          PolicyDocument: permissionsBoundary(deployment, account),
        },
      },
      TemplateReader: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: templateReaderName(deployment),
          Description: 'Reads templates and descriptions of stacks, and nothing else',
          AssumeRolePolicyDocument: templateReaderTrust(deployment, account),
          Policies: [{ PolicyName: 'templates', PolicyDocument: templateReaderPolicy(deployment, account) }],
        },
      },
    },
  };
}
