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
import type { Place } from '../common/stage-contract.ts';
import { ownCallsOnly, ownObjectsOnly } from './endpoint-policies.ts';

export interface PrivateEndpointsProps {
  readonly vpc: Vpc;
  readonly subnets: SubnetSelection;
  readonly place: Place;
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
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { vpc, subnets, place }: PrivateEndpointsProps) {
    super(scope, id);
    const { cidr, managementHost } = place.environment.network;
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Interface endpoints, reached from inside the VPC',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(Peer.ipv4(cidr), Port.HTTPS, 'HTTPS from the VPC');
    this.securityGroup = securityGroup;
    // Images' layers, the bundles of builds, and the answers of custom resources travel by S3.
    const s3 = vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    for (const statement of ownObjectsOnly(place)) s3.addToPolicy(statement);
    for (const [name, service] of Object.entries({
      ...services,
      ...(managementHost && managementServices),
    })) {
      const endpoint = vpc.addInterfaceEndpoint(name, {
        service,
        subnets,
        securityGroups: [securityGroup],
        open: false,
      });
      // Documents of Systems Manager are AWS's.
      endpoint.addToPolicy(ownCallsOnly(place, { foreignResources: name in managementServices }));
    }
  }
}
