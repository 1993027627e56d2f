import type { AskedService, IntegrationTestEnvironment } from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import { type CfnProject, LinuxBuildImage, Project, Source } from 'aws-cdk-lib/aws-codebuild';
import {
  type Connections,
  type IConnectable,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { askedServices, namesOf, webServices } from '../../../config/index.ts';
import { acknowledge } from '../../common/acknowledge.ts';
import { projectBuildspec } from '../../common/buildspec-file.ts';
import type { EnvironmentContext } from '../../common/stage-contract.ts';
import { allowDns } from '../../network/allow-dns.ts';
import { allowAws, awsAccess } from '../../network/aws-access.ts';
import { addExtraSecurityGroups } from '../../network/extra-security-groups.ts';
import { assetContentHash, integrationTestAsset } from './integration-test-asset.ts';
import { integrationTestBuildRole, integrationTestStarterRole } from './integration-test-roles.ts';

export interface IntegrationTestProjectProps extends EnvironmentContext {
  readonly vpc: IVpc;
  /** Subnets that can reach the load balancer and the endpoints of S3, CloudWatch Logs and CodeBuild. */
  readonly subnets: SubnetSelection;
  /** The service's address, as its clients use it. */
  readonly serviceUrl: string;
  readonly logGroup: ILogGroup;
}

/**
 * The integration test of an environment: a CodeBuild project in the environment's own network, and the role with which
 * the tools account starts it and reads its report.
 *
 * The caller must let it reach the load balancer: `loadBalancer.connections.allowFrom(test, Port.HTTPS)`.
 */
export class IntegrationTestProject extends Construct implements IConnectable {
  readonly connections: Connections;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: IntegrationTestProjectProps) {
    super(scope, id);
    const { environment, deployment, vpc, logGroup } = props;
    const names = namesOf(deployment, environment);
    const projectName = names.integrationTestProject;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Integration test of ${environment.name}`,
      allowAllOutbound: false,
    });
    const { securityGroup } = this;
    allowDns(securityGroup, environment);
    allowAws(securityGroup, awsAccess(this, props));
    this.connections = securityGroup.connections;

    const asked: AskedService[] = askedServices(webServices(deployment, environment), props.serviceUrl);
    const asset = integrationTestAsset(this, 'Test');
    const subnets = vpc.selectSubnets(props.subnets);
    const role = integrationTestBuildRole(this, 'BuildRole', {
      ...{ projectName, logGroup, asset, subnets, environment },
    });
    const project = new Project(this, 'Project', {
      projectName,
      description: `Integration test of ${environment.name}`,
      role: role.withoutPolicyUpdates(),
      source: Source.s3({ bucket: asset.bucket, path: asset.s3ObjectKey }),
      buildSpec: projectBuildspec('integration-test', {
        variables: { TEST_SHA256: assetContentHash(asset) },
      }),
      environment: { buildImage: LinuxBuildImage.AMAZON_LINUX_2023_5 },
      environmentVariables: variables({
        SERVICE_URL: props.serviceUrl,
        EXPECTED_LOGIN: names.login,
        EXPECTED_SCHEME: 'KERBEROS',
        EXPECTED_TASKS: String(environment.service.minimumTasks),
        READY_SECONDS: '600',
        ...(asked.length > 0 && { ASKED_SERVICES: JSON.stringify(asked) }),
      }),
      logging: { cloudWatch: { logGroup } },
      timeout: Duration.minutes(30),
    });
    // Set on the CloudFormation resource, because the CDK's construct would grant the network permissions a second time.
    const resource = project.node.defaultChild as CfnProject;
    resource.vpcConfig = {
      vpcId: vpc.vpcId,
      subnets: subnets.subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
    };
    addExtraSecurityGroups(
      resource,
      environment,
      'functions',
      'VpcConfig.SecurityGroupIds',
      securityGroup.securityGroupId,
    );
    // Without the role's permissions, CodeBuild refuses to create a project in a VPC.
    project.node.addDependency(role);
    acknowledge(project, {
      CB4: 'It has no artifacts of its own; its report stays with CodeBuild, encrypted by it.',
    });
    integrationTestStarterRole(this, 'StarterRole', {
      projectName,
      logGroup,
      roleName: names.integrationTestRole,
      deployment,
      environment,
    });
  }
}

function variables(environment: IntegrationTestEnvironment) {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, { value }]));
}
