import { describe, expect, test } from 'vitest';
import { imageNames } from '../../../lib/config/index.ts';
import { isSignAction } from '../../../lib/config/pipeline-names.ts';
import { deployedArtifact } from '../../../lib/delivery/artifacts/artifact-names.ts';
import type { BuildAction } from '../../../local/pipeline/pipeline.ts';
import { list, only, resources } from '../../infrastructure/template.ts';
import { Grants } from '../invariants/grants.ts';
import { Needs } from '../invariants/needs.ts';
import { orderOf, place } from '../invariants/order.ts';
import { variant, variants } from '../variants.ts';

const sorted = (grants: readonly string[]) => [...new Set(grants)].sort();
const pipelineRole = 'PipelineRoleD68726F7';
const roleArn = (account: string, name: string, region: string) =>
  `arn:aws:iam::${account}:role/cdk-wind0e5fc5-${name}-role-${account}-${region}`;

describe.each(Object.keys(variants))('In the pipeline of %s', (name) => {
  const synthesized = variant(name);
  const { pipeline, template, deployment } = synthesized;
  const { account } = deployment.tools;
  const { actions, builds, deployments } = orderOf(pipeline);
  const grants = new Grants(template, deployment.tools);
  const needs = new Needs(synthesized);
  const buildRole = ({ project }: BuildAction): string =>
    template.Resources[project]?.Properties.ServiceRole['Fn::GetAtt'][0];
  const inTools = actions.filter(({ role }) => template.Resources[role]);

  test.each(inTools.map((action) => [place(action), action] as const))(
    'the role of the action %s may start that action and do nothing else',
    (_, action) => {
      const sharing = builds.filter(({ role }) => role === action.role);
      expect(grants.of(action.role)).toEqual(sorted(needs.ofAction(action, sharing)));
      expect(grants.trusted(action.role)).toEqual([`\${${pipelineRole}.Arn}`]);
    },
  );

  test('each action has its own role, except that the signing actions share one, as they start the same project', () => {
    const roles = Map.groupBy(inTools, ({ role }) => role);
    const shared = [...roles.values()].filter(({ length }) => length > 1);
    const signing = builds.filter(({ name }) => isSignAction(name));
    expect(shared.map((sharing) => sharing.map(place))).toEqual(
      signing.length > 1 ? [signing.map(place)] : [],
    );
    expect(inTools.length + deployments.length).toBe(actions.length);
  });

  test.each(builds.map((build) => [place(build), build] as const))(
    'the commands of the build %s may do what they need and nothing else',
    (_, build) => {
      const sharing = builds.filter(({ project }) => project === build.project);
      expect(grants.of(buildRole(build))).toEqual(sorted(needs.ofBuild(build, sharing)));
    },
  );

  test('each build project has its own role, which only CodeBuild may assume, and only for that project', () => {
    expect(new Set(builds.map(buildRole)).size).toBe(new Set(builds.map(({ project }) => project)).size);
    for (const build of builds) {
      const project = template.Resources[build.project]?.Properties.Name;
      const arn = `arn:aws:codebuild:${deployment.tools.region}:${account}:project/${project}`;
      expect(grants.trusted(buildRole(build))).toEqual([
        `codebuild.amazonaws.com if {"ArnEquals":{"aws:SourceArn":"${arn}"}}`,
      ]);
    }
  });

  test('no role has managed policies', () => {
    for (const [role] of resources(template, 'AWS::IAM::Role')) {
      expect(grants.managedPolicies(role), role).toEqual([]);
    }
  });

  test('the pipeline itself may assume the roles of its actions and pass on artifacts, and nothing else', () => {
    const assumed = actions.map(({ role }) =>
      template.Resources[role] ? `sts:AssumeRole on \${${role}.Arn}` : `sts:AssumeRole on ${role}`,
    );
    expect(grants.of(pipelineRole)).toEqual(
      sorted([...needs.everyArtifact, ...needs.artifactsElsewhere, ...assumed]),
    );
    expect(grants.trusted(pipelineRole)).toEqual(['codepipeline.amazonaws.com']);
  });

  test('each stack is deployed by the bootstrap roles in its own account', () => {
    const { Stages } = only(template, 'AWS::CodePipeline::Pipeline');
    const deploying = JSON.stringify(Stages).match(/cdk-wind0e5fc5-cfn-exec-role-\d+-[a-z0-9-]+/g);
    expect(deploying).toEqual(
      deployments.map((action) => `cdk-wind0e5fc5-cfn-exec-role-${action.account}-${action.region}`),
    );
    for (const action of deployments)
      expect(action.role).toBe(roleArn(action.account, 'deploy', action.region));
  });

  test("only a region's deployment roles may read the artifacts in that region", () => {
    for (const region of new Set(actions.map((action) => action.region))) {
      const holder = [...synthesized.templates.entries()].find(
        ([stack, { Resources }]) =>
          stack.startsWith(`${account}/${region}/`) &&
          Object.keys(Resources).some((id) => id.startsWith('ArtifactsPolicy')),
      )?.[1];
      if (!holder) throw new Error(`There are no artifacts in ${region}.`);
      const there = new Grants(holder, { account, region });
      const deploying = sorted(
        deployments.filter((action) => action.region === region).map(({ role }) => role),
      );
      const [, bucketPolicy] =
        resources(holder, 'AWS::S3::BucketPolicy').find(([id]) => id.startsWith('ArtifactsPolicy')) ?? [];
      expect(sorted(there.usersOf(bucketPolicy?.Properties.PolicyDocument)), region).toEqual(deploying);
      const read = list(bucketPolicy?.Properties.PolicyDocument.Statement).filter(({ Action }) =>
        list(Action).includes('s3:GetObject'),
      );
      expect(JSON.stringify(read), region).toContain(
        `/${deployment.name}/${deployedArtifact(deployment).slice(0, 10)}*`,
      );
      expect(JSON.stringify(read), region).not.toContain('"/*"');
      const [, key] = resources(holder, 'AWS::KMS::Key').find(([id]) => id.startsWith('Artifacts')) ?? [];
      expect(there.usersOf(key?.Properties.KeyPolicy), region).toEqual(
        sorted([`arn:aws:iam::${account}:root`, ...deploying]),
      );
    }
  });
});

test('no pipeline role has wildcards in actions, nor "*" as a resource except where IAM requires it', () => {
  const everywhere: Record<string, string[]> = {};
  for (const name of Object.keys(variants)) {
    const { template, deployment } = variant(name);
    const grants = new Grants(template, deployment.tools);
    for (const [role] of resources(template, 'AWS::IAM::Role')) {
      for (const grant of grants.of(role)) {
        expect(grant, role).not.toMatch(/^\S*\*\S* on/);
        const [action = ''] = grant.split(' on *');
        if (/ on \*($| if)/.test(grant) && !action.startsWith('not')) {
          everywhere[role] = [...(everywhere[role] ?? []), action];
        }
      }
    }
  }
  const images = new Set(Object.keys(variants).flatMap((name) => [...imageNames(variant(name).deployment)]));
  const token = ['ecr:GetAuthorizationToken', 'inspector2:ListCoverage', 'inspector2:ListFindings'];
  expect(
    Object.fromEntries(
      Object.entries(everywhere).map(([role, granted]) => [
        role.replace(/[0-9A-F]{8}$/, ''),
        sorted(granted),
      ]),
    ),
  ).toEqual({
    ...Object.fromEntries([...images].map((image) => [`image${image.replaceAll('-', '')}buildrole`, token])),
    DailyCheckRole: token.filter((action) => action.startsWith('inspector2:')),
    signbuildrole: token.filter((action) => action.startsWith('inspector2:')),
  });
});
