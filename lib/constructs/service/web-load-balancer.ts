import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type ApplicationTargetGroup,
  type CfnLoadBalancer,
  DesyncMitigationMode,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, HostedZone, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Environment } from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';
import { addExtraSecurityGroups } from '../network/extra-security-groups.ts';
import { loadBalancerGroup, subnetGroups } from '../network/subnet-groups.ts';
import { type AskedTasks, addTargetGroup } from './target-group.ts';

export interface WebLoadBalancerProps {
  readonly environment: Environment;
  readonly vpc: IVpc;
}

/**
 * The load balancer: HTTPS if there is a certificate, otherwise HTTP, and only for the allowed clients.
 *
 * CloudFormation creates new resources before it deletes old ones. Therefore each port has the same listener in every
 * configuration (port 80 either answers or redirects), and target groups have the load balancer's scheme in their ids.
 */
export class WebLoadBalancer extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer;
  /** Receives the clients' requests. It answers 404 unless a rule forwards them to a target group. */
  readonly listener: ApplicationListener;
  readonly securityGroup: SecurityGroup;
  readonly certificate: ICertificate | undefined;
  readonly url: string;
  readonly #props: WebLoadBalancerProps;
  readonly #zone: IHostedZone | undefined;

  constructor(scope: Construct, id: string, props: WebLoadBalancerProps) {
    super(scope, id);
    this.#props = props;
    const { environment, vpc } = props;
    const { scheme, hostName } = environment.loadBalancer;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Load balancer: the allowed clients in, the tasks out',
      allowAllOutbound: false,
    });
    this.loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing: scheme === 'internet-facing',
      vpcSubnets: {
        subnetGroupName: subnetGroups[loadBalancerGroup(environment)],
      },
      securityGroup: this.securityGroup,
      deletionProtection: environment.deletionProtection,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: DesyncMitigationMode.STRICTEST,
    });
    addExtraSecurityGroups(
      this.loadBalancer.node.defaultChild as CfnLoadBalancer,
      environment,
      'loadBalancer',
      'SecurityGroups',
      this.securityGroup.securityGroupId,
    );
    this.loadBalancer.logAccessLogs(this.#accessLogs());
    const zone = this.#hostedZone();
    this.#zone = zone;
    this.certificate = this.#certificate(zone);
    this.listener = this.#listener();
    if (zone && hostName) this.#record(zone, hostName, 'Address');
    this.url = `${this.certificate ? 'https' : 'http'}://${hostName ?? this.loadBalancer.loadBalancerDnsName}`;
  }

  /** The load balancer's configuration. */
  get configured(): Environment['loadBalancer'] {
    return this.#props.environment.loadBalancer;
  }

  /** Creates a target group for this load balancer; the caller adds the listener rule. */
  addTargetGroup(id: string, tasks: AskedTasks = {}): ApplicationTargetGroup {
    return addTargetGroup(this, id, { ...this.#props, ...tasks });
  }

  /** Adds a certificate and a DNS record for another host name, if the configuration has a hosted zone. */
  answerFor(host: string): void {
    const zone = this.#zone;
    if (!zone) return;
    // Ids become tags, which may not contain an asterisk.
    const id = host.replace('*', 'any');
    const certificate = new Certificate(this, `Certificate-${id}`, {
      domainName: host,
      validation: CertificateValidation.fromDns(zone),
    });
    this.listener.addCertificates(`Certificate-${id}`, [certificate]);
    this.#record(zone, host, `Address-${id}`);
  }

  #record(zone: IHostedZone, recordName: string, id: string): void {
    const target = RecordTarget.fromAlias(new LoadBalancerTarget(this.loadBalancer));
    new ARecord(this, id, { zone, recordName, target });
  }

  /** Opens a further listener, with the same certificate, for `clients`. */
  addListener(id: string, port: number, clients: readonly string[]): ApplicationListener {
    this.#admit(clients, port, 'Allowed client');
    return this.loadBalancer.addListener(id, {
      port,
      protocol: this.certificate ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP,
      ...(this.certificate && { certificates: [this.certificate], sslPolicy: SslPolicy.RECOMMENDED_TLS }),
      open: false,
      defaultAction: ListenerAction.fixedResponse(404),
    });
  }

  #admit(clients: readonly string[], port: number, description: string): void {
    for (const client of clients) {
      this.securityGroup.addIngressRule(Peer.ipv4(client), Port.tcp(port), description);
    }
  }

  #listener(): ApplicationListener {
    const { allowedClients } = this.#props.environment.loadBalancer;
    if (allowedClients.includes('0.0.0.0/0')) {
      acknowledge(this.securityGroup, {
        EC23: 'The configuration names 0.0.0.0/0 among the allowed clients: the service is meant for everybody.',
      });
    }
    this.#admit(allowedClients, 80, this.certificate ? 'Redirected to HTTPS' : 'Allowed client');
    const http = this.loadBalancer.addListener('Http', {
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      open: false,
      defaultAction: this.certificate
        ? ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true })
        : ListenerAction.fixedResponse(404),
    });
    if (!this.certificate) return http;
    return this.addListener('Https', 443, allowedClients);
  }

  #hostedZone(): IHostedZone | undefined {
    const { hostedZone } = this.#props.environment.loadBalancer;
    return (
      hostedZone &&
      HostedZone.fromHostedZoneAttributes(this, 'Zone', {
        hostedZoneId: hostedZone.id,
        zoneName: hostedZone.name,
      })
    );
  }

  #certificate(zone: IHostedZone | undefined): ICertificate | undefined {
    const { certificateArn, hostName } = this.#props.environment.loadBalancer;
    if (certificateArn) return Certificate.fromCertificateArn(this, 'Certificate', certificateArn);
    if (!zone || !hostName) return undefined;
    return new Certificate(this, 'Certificate', {
      domainName: hostName,
      validation: CertificateValidation.fromDns(zone),
    });
  }

  #accessLogs(): IBucket {
    const bucket = new Bucket(this, 'AccessLogs', {
      // The only encryption with which load balancers can write.
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(this.#props.environment.logRetentionDays) }],
      // CloudFormation cannot delete a bucket with objects, and the load balancer writes to it until it is deleted.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    acknowledge(bucket, {
      S1: 'The bucket is itself the place of access logs; logging it to another has no end.',
    });
    return bucket as IBucket;
  }
}
