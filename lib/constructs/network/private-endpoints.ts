import {
  GatewayVpcEndpointAwsService,
  type InterfaceVpcEndpointAwsService,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  InterfaceVpcEndpointAwsService as Service,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { cidrsOf, type EndpointName, endpointsOf, hasInterfaceEndpoints } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { foreignImages, foreignSecrets, ownCallsOnly, ownObjectsOnly } from './endpoint-policies.ts';

export interface PrivateEndpointsProps {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly context: EnvironmentContext;
}

/** What tasks, functions and builds in the private subnets call, and why. Each costs about 8 USD per month and zone. */
const services: Readonly<
  Record<Exclude<EndpointName, 's3'>, readonly [string, InterfaceVpcEndpointAwsService]>
> = {
  // Tasks: pull images, write logs, and have their secrets injected.
  'ecr.api': ['EcrApi', Service.ECR],
  'ecr.dkr': ['EcrDocker', Service.ECR_DOCKER],
  logs: ['Logs', Service.CLOUDWATCH_LOGS],
  secretsmanager: ['SecretsManager', Service.SECRETS_MANAGER],
  // Rotation: set the password, tell the service.
  ds: ['DirectoryService', Service.DIRECTORY_SERVICE],
  events: ['Events', Service.EVENTBRIDGE],
  // Integration test: report its results.
  codebuild: ['CodeBuild', Service.CODEBUILD],
};

const managementServices: Readonly<Record<string, InterfaceVpcEndpointAwsService>> = {
  Ssm: Service.SSM,
  SsmMessages: Service.SSM_MESSAGES,
  Ec2Messages: Service.EC2_MESSAGES,
};

/** Statements for resources of other accounts. */
const foreign = new Map<InterfaceVpcEndpointAwsService, typeof foreignSecrets>([
  [Service.SECRETS_MANAGER, foreignSecrets],
  [Service.ECR, foreignImages],
  [Service.ECR_DOCKER, foreignImages],
]);

/**
 * VPC endpoints for the AWS services, so that nothing in the VPC needs internet access for them. In our own VPC, their
 * policies allow only our own calls. An existing VPC has other users, whose calls go through the same endpoints, so there
 * they have no such policy.
 */
export class PrivateEndpoints extends Construct {
  readonly securityGroup: SecurityGroup | undefined;

  constructor(scope: Construct, id: string, { vpc, subnets, context }: PrivateEndpointsProps) {
    super(scope, id);
    const { network } = context.environment;
    const isOwn = network.type === 'new';
    const names = endpointsOf(network);
    // Image layers, build artifacts and the responses of custom resources go through S3.
    if (names.includes('s3')) {
      const s3 = vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
      if (isOwn) for (const statement of ownObjectsOnly(context)) s3.addToPolicy(statement);
    }
    if (!hasInterfaceEndpoints(network)) return;
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Interface endpoints, reached from inside the VPC',
      allowAllOutbound: false,
    });
    for (const cidr of cidrsOf(network)) {
      securityGroup.addIngressRule(Peer.ipv4(cidr), Port.HTTPS, 'HTTPS from the VPC');
    }
    this.securityGroup = securityGroup;
    const wanted = Object.fromEntries(names.flatMap((name) => (name === 's3' ? [] : [services[name]])));
    const managed = isOwn && network.managementHost ? managementServices : {};
    for (const [name, service] of Object.entries({ ...wanted, ...managed })) {
      const endpoint = vpc.addInterfaceEndpoint(name, {
        service,
        subnets,
        securityGroups: [securityGroup],
        open: false,
      });
      if (!isOwn) continue;
      // The documents of Systems Manager belong to AWS.
      endpoint.addToPolicy(ownCallsOnly(context, { foreignResources: name in managementServices }));
      const ofOthers = foreign.get(service)?.(context) ?? [];
      for (const statement of ofOthers) endpoint.addToPolicy(statement);
    }
  }
}
