import { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, FargateService, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { addApplication, exampleSidecar, exampleStack, exampleTask } from './example-task.ts';

function runningService(port?: number) {
  const stack = exampleStack();
  // The CDK is compiled without exact optional properties, so absent properties may be `undefined`.
  const vpc = new Vpc(stack, 'Vpc') as IVpc;
  const taskDefinition = exampleTask(stack);
  const host = 'sql01.corp.example.com';
  const kerberos = exampleSidecar(stack, { sqlServer: { host, ...(port && { port }) } });
  taskDefinition.addExtension(kerberos);
  kerberos.serve(addApplication(taskDefinition));
  const securityGroup = new SecurityGroup(stack, 'Tasks', { vpc, allowAllOutbound: false });
  const service = new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc }) as ICluster,
    taskDefinition,
    securityGroups: [securityGroup],
  });
  return { stack, vpc, service, kerberos };
}

/** Outbound rules of the tasks, such as `tcp 88 10.0.0.0/8`. */
function rulesOf(stack: ReturnType<typeof exampleStack>): string[] {
  const template = Template.fromStack(stack);
  const inline = Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(
    ({ Properties }) => Properties.SecurityGroupEgress ?? [],
  );
  const own = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(
    ({ Properties }) => Properties,
  );
  return [...inline, ...own]
    .filter(({ IpProtocol }) => IpProtocol !== '-1' && IpProtocol !== 'icmp')
    .map(
      ({ IpProtocol, FromPort, CidrIp, DestinationPrefixListId, DestinationSecurityGroupId }) =>
        `${IpProtocol} ${FromPort} ${CidrIp ?? DestinationPrefixListId ?? JSON.stringify(DestinationSecurityGroupId)}`,
    )
    .sort();
}

describe('A service is let out', () => {
  test('to domain controllers by address: Kerberos and DNS', () => {
    const { stack, service, kerberos } = runningService();
    kerberos.allowTo(service, { domainControllers: Peer.ipv4('10.0.0.0/8') });
    expect(rulesOf(stack)).toEqual(
      ['tcp 53', 'tcp 88', 'udp 53', 'udp 88'].map((rule) => `${rule} 10.0.0.0/8`),
    );
  });

  test('to name servers that are not domain controllers', () => {
    const { stack, service, kerberos } = runningService();
    kerberos.allowTo(service, {
      domainControllers: Peer.prefixList('pl-12345678'),
      nameServers: Peer.ipv4('10.0.0.2/32'),
    });
    expect(rulesOf(stack)).toEqual([
      'tcp 53 10.0.0.2/32',
      'tcp 88 pl-12345678',
      'udp 53 10.0.0.2/32',
      'udp 88 pl-12345678',
    ]);
  });

  test('to SQL Server at its port, and is let in there', () => {
    const { stack, vpc, service, kerberos } = runningService(14330);
    const sqlServer = new SecurityGroup(stack, 'SqlServer', { vpc });
    kerberos.allowTo(service, { domainControllers: Peer.ipv4('10.0.0.0/8'), sqlServer });
    expect(rulesOf(stack).filter((rule) => rule.startsWith('tcp 14330'))).toHaveLength(1);
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 14330 });
  });
});
