import { describe, expect, test } from 'vitest';
import { exampleDeployment, fullDeployment, synthesize } from './synthesize.ts';
import { all, only, resources, taskWith } from './template.ts';

const example = synthesize(exampleDeployment());
const production = example.template('production', 'service');
const full = synthesize(fullDeployment()).template('staging', 'service');

describe('The load balancer', () => {
  const attributes = Object.fromEntries(
    only(production, 'AWS::ElasticLoadBalancingV2::LoadBalancer').LoadBalancerAttributes.map(
      ({ Key, Value }: { Key: string; Value: unknown }) => [Key, Value],
    ),
  );

  test('is internal, protected, logs each access and refuses malformed requests', () => {
    expect(only(production, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Scheme).toBe('internal');
    expect(attributes).toMatchObject({
      'deletion_protection.enabled': 'true',
      'access_logs.s3.enabled': 'true',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'strictest',
    });
  });

  test('admits the allowed clients and the integration test, on its only port', () => {
    const listeners = all(production, 'AWS::ElasticLoadBalancingV2::Listener');
    expect(listeners.map(({ Port, Protocol }) => [Port, Protocol])).toEqual([[80, 'HTTP']]);
    const group = all(production, 'AWS::EC2::SecurityGroup').find(({ GroupDescription }) =>
      GroupDescription.startsWith('Load balancer'),
    );
    expect(group.SecurityGroupIngress).toEqual([
      expect.objectContaining({ CidrIp: '10.0.0.0/8', FromPort: 80, ToPort: 80 }),
    ]);
  });

  test('with a certificate, accepts HTTPS and redirects HTTP to it', () => {
    const listeners = all(full, 'AWS::ElasticLoadBalancingV2::Listener');
    const redirect = listeners.find(({ Port }) => Port === 80);
    expect(redirect.DefaultActions[0]).toMatchObject({
      Type: 'redirect',
      RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
    });
    const secure = listeners.filter(({ Port }) => Port !== 80);
    for (const listener of secure) {
      expect(listener).toMatchObject({ Protocol: 'HTTPS', SslPolicy: expect.stringMatching(/TLS13-1-2/) });
      expect(listener.Certificates).toHaveLength(1);
    }
    expect(only(full, 'AWS::CertificateManager::Certificate')).toMatchObject({
      DomainName: 'music.example.com',
      ValidationMethod: 'DNS',
    });
    expect(only(full, 'AWS::Route53::RecordSet')).toMatchObject({ Name: 'music.example.com.', Type: 'A' });
  });

  test('uses /healthz as the health check of its tasks', () => {
    expect(only(production, 'AWS::ElasticLoadBalancingV2::TargetGroup')).toMatchObject({
      HealthCheckPath: '/healthz',
      Matcher: { HttpCode: '200' },
      TargetType: 'ip',
    });
  });

  test('keeps its access logs encrypted, private and for a limited time', () => {
    const bucket = only(production, 'AWS::S3::Bucket');
    expect(bucket.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket.LifecycleConfiguration.Rules[0]).toMatchObject({ ExpirationInDays: 90, Status: 'Enabled' });
  });
});

describe('A stopping task', () => {
  test('answers its requests before the timeouts of the load balancer, web and ECS, in that order', () => {
    const group = only(production, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    const delay = Number(
      group.TargetGroupAttributes.find(
        ({ Key }: { Key: string }) => Key === 'deregistration_delay.timeout_seconds',
      ).Value,
    );
    const web = taskWith(production, 'web').ContainerDefinitions.find(
      ({ Name }: { Name: string }) => Name === 'web',
    );
    const told = (name: string) =>
      Number(web.Environment.find(({ Name }: { Name: string }) => Name === name).Value);
    // The defaults of the web service: waiting for a pooled connection, connecting, and the query.
    const longestRequest = 5 + 10 + 5;
    expect(delay).toBeGreaterThanOrEqual(longestRequest);
    expect(told('SHUTDOWN_SECONDS')).toBeGreaterThanOrEqual(told('DRAIN_SECONDS') + longestRequest);
    expect(web.StopTimeout).toBeGreaterThan(told('SHUTDOWN_SECONDS'));
    expect(web.StopTimeout).toBeLessThanOrEqual(120);
  });
});

describe('A deployment', () => {
  const service = only(production, 'AWS::ECS::Service');

  test('is rolling, never with fewer tasks than desired, and is rolled back if it fails or alarms go off', () => {
    expect(service.DeploymentConfiguration).toMatchObject({
      Strategy: 'ROLLING',
      MinimumHealthyPercent: 100,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      Alarms: { Enable: true, Rollback: true },
    });
    const watched = service.DeploymentConfiguration.Alarms.AlarmNames.map(
      ({ Ref }: { Ref: string }) => production.Resources[Ref]?.Properties.AlarmName,
    );
    expect(watched).toEqual(['windows-auth-production-many-errors', 'windows-auth-production-slow-answers']);
  });

  test('leaves the number of tasks to auto scaling, within the configured bounds', () => {
    expect(service.DesiredCount).toBeUndefined();
    expect(only(production, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
      MinCapacity: 3,
      MaxCapacity: 12,
    });
    expect(resources(production, 'AWS::ApplicationAutoScaling::ScalingPolicy')).toHaveLength(2);
  });

  test('can be blue/green, with new tasks tested before they receive traffic', () => {
    const blueGreen = only(full, 'AWS::ECS::Service');
    expect(blueGreen.DeploymentConfiguration).toMatchObject({ Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 5 });
    expect(blueGreen.DeploymentConfiguration.LifecycleHooks).toEqual([
      expect.objectContaining({ LifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }),
    ]);
    expect(blueGreen.LoadBalancers[0].AdvancedConfiguration).toMatchObject({
      AlternateTargetGroupArn: expect.anything(),
      ProductionListenerRule: expect.anything(),
      TestListenerRule: expect.anything(),
    });
    const group = all(full, 'AWS::EC2::SecurityGroup').find(({ GroupDescription }) =>
      GroupDescription.startsWith('Load balancer'),
    );
    const test = group.SecurityGroupIngress.filter(({ FromPort }: { FromPort: number }) => FromPort === 8443);
    // The load balancer's name resolves to public addresses, so the test connects from those of the NAT gateways.
    const fromNat = { 'Fn::Join': ['', [{ 'Fn::Select': [0, expect.anything()] }, '/32']] };
    expect(test.map(({ CidrIp }: { CidrIp: unknown }) => CidrIp)).toEqual(['10.0.0.0/16', fromNat]);
    expect(JSON.stringify(test)).toMatch(/nataddresses/);
  });
});

describe('A rotated password', () => {
  test('that is injected reaches new tasks by an event and one API call, without our own code', () => {
    const rule = only(production, 'AWS::Events::Rule');
    expect(rule.EventPattern).toMatchObject({
      'detail-type': ['Directory User Password Rotated'],
      detail: { secretArn: [{ Ref: expect.stringMatching(/usersecretarn/) }] },
    });
    const definition = JSON.stringify(only(production, 'AWS::StepFunctions::StateMachine').DefinitionString);
    expect(definition).toContain('ecs:updateService');
    expect(definition).toContain('ForceNewDeployment');
    expect(rule.Targets).toEqual([
      expect.objectContaining({ DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.anything(), 'Arn'] } } }),
    ]);
  });

  test('that is fetched needs no event', () => {
    expect(resources(full, 'AWS::StepFunctions::StateMachine')).toEqual([]);
  });
});
