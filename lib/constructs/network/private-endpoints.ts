import {
  GatewayVpcEndpointAwsService,
  type InterfaceVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  InterfaceVpcEndpointAwsService as Service,
  type SubnetSelection,
  type Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface PrivateEndpointsProps {
  readonly vpc: Vpc;
  readonly subnets: SubnetSelection;
  /** The addresses that may use the endpoints: the VPC's own. */
  readonly clients: string;
  /** Also what Systems Manager needs to reach a host. */
  readonly managementHost: boolean;
}

/** What tasks, functions and builds in the private subnets call, and why. Each costs about 8 USD a month and zone. */
const services: Readonly<Record<string, InterfaceVpcEndpointAwsService>> = {
  // Tasks: pull images, write logs, and have their secrets injected.
  EcrApi: Service.ECR,
  EcrDocker: Service.ECR_DOCKER,
  Logs: Service.CLOUDWATCH_LOGS,
  SecretsManager: Service.SECRETS_MANAGER,
  // Rotation: set the password, tell the service.
  DirectoryService: Service.DIRECTORY_SERVICE,
  Events: Service.EVENTBRIDGE,
  // Integration test: report its results.
  CodeBuild: Service.CODEBUILD,
};

const managementServices: Readonly<Record<string, InterfaceVpcEndpointAwsService>> = {
  Ssm: Service.SSM,
  SsmMessages: Service.SSM_MESSAGES,
  Ec2Messages: Service.EC2_MESSAGES,
};

/** Doors to AWS services inside the VPC, so that nothing in it needs a way to the internet. */
export class PrivateEndpoints extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { vpc, subnets, clients, managementHost }: PrivateEndpointsProps,
  ) {
    super(scope, id);
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Interface endpoints, reached from inside the VPC',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(Peer.ipv4(clients), Port.HTTPS, 'HTTPS from the VPC');
    // Images' layers, the bundles of builds, and the answers of custom resources travel by S3.
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    for (const [name, service] of Object.entries({
      ...services,
      ...(managementHost && managementServices),
    })) {
      vpc.addInterfaceEndpoint(name, { service, subnets, securityGroups: [securityGroup], open: false });
    }
  }
}
