import { containerNames } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { imageNames } from '../../lib/config/index.ts';
import { permissionsBoundary } from '../../lib/operator/bootstrap/permissions-boundary.ts';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { all, type Resource } from './template.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const repository = (account: string) => `arn:aws:ecr:eu-central-1:${account}:repository/team/reports`;

const deployment = (account: string) =>
  exampleDeployment((input) => {
    const uri = `${account}.dkr.ecr.eu-central-1.amazonaws.com/team/reports@${digest}`;
    input.environments = input.environments.slice(1);
    input.services = { reports: { kind: 'worker', image: { uri } } };
  });

describe('A service with an existing image', () => {
  const given = deployment('444444444444');
  const { templates } = synthesize(given);
  const stack = templates.get('windows-auth-production-service-reports');
  if (!stack) throw new Error('There is no stack of reports.');

  test('runs it by its digest, without a build', () => {
    expect(imageNames(given)).toEqual(containerNames);
    const [{ ContainerDefinitions }] = all(stack, 'AWS::ECS::TaskDefinition') as [Resource['Properties']];
    const container = ContainerDefinitions.find(({ Name }: { Name: string }) => Name === 'reports');
    const image = JSON.stringify(container.Image);
    expect(image).toContain('444444444444.dkr.ecr.eu-central-1.');
    expect(image).toContain(`/team/reports@${digest}`);
    // It contains no health check program of ours.
    expect(container.HealthCheck).toBeUndefined();
    expect(container.User).toBe('1002:1002');
    expect(container.ReadonlyRootFilesystem).toBe(true);
  });

  test('may pull it; its execution role has no other access to that account', () => {
    const statements = all(stack, 'AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    const foreign = statements.filter((statement) => JSON.stringify(statement).includes('444444444444'));
    expect(foreign).toHaveLength(1);
    expect(foreign[0]).toMatchObject({
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: [
        'arn:aws:ecr:eu-central-1:111111111111:repository/windows-auth/sidecar',
        repository('444444444444'),
      ],
    });
  });

  const policies = (account: string) =>
    all(synthesize(deployment(account)).template('production', 'network'), 'AWS::EC2::VPCEndpoint').filter(
      ({ PolicyDocument }) => JSON.stringify(PolicyDocument).includes('ImagesOfOthers'),
    );

  test('is permitted by the endpoints of ECR and by no other', () => {
    const let_ = policies('444444444444');
    expect(let_.map(({ ServiceName }) => ServiceName).sort()).toEqual([
      'com.amazonaws.eu-central-1.ecr.api',
      'com.amazonaws.eu-central-1.ecr.dkr',
    ]);
    for (const { PolicyDocument } of let_) {
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Resource: repository('444444444444'),
          Condition: { StringEquals: { 'aws:PrincipalAccount': '333333333333' } },
        }),
      );
    }
  });

  test.each(['111111111111', '333333333333'])('needs no further permission if it is in %s', (account) => {
    expect(policies(account)).toEqual([]);
  });

  test("is permitted by the roles' boundary, by its repository", () => {
    const named = JSON.stringify(permissionsBoundary(given, '333333333333'));
    expect(named).toContain(repository('444444444444'));
    expect(JSON.stringify(permissionsBoundary(deployment('333333333333'), '333333333333'))).not.toContain(
      'repository/team/reports',
    );
  });
});
