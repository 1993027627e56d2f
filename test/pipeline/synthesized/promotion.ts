import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { imageNames } from '../../../lib/config/index.ts';
import { type BuildspecName, readBuildspec } from '../../../lib/constructs/common/buildspec-file.ts';
import { noLongerDelivered } from '../../../lib/programs/changes/no-longer-delivered.ts';
import type { BuildAction, Pipeline } from '../../../local/pipeline/pipeline.ts';
import { stackParts } from '../../infrastructure/synthesize.ts';
import { approvalsIn, approvalsWanted, blindApprovals } from '../invariants/approvals.ts';
import {
  buildsInSequence,
  otherTemplates,
  skippedStages,
  waysAroundGates,
  waysAroundTests,
} from '../invariants/gates.ts';
import { otherImages } from '../invariants/images.ts';
import { commandsOf, orderOf, place } from '../invariants/order.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { variant, variants } from '../variants.ts';

const names = Object.keys(variants);
describe.each(names)('The pipeline of %s', (name) => {
  test('deploys nothing before types, lint, tests, cdk-nag and the template checks have passed', () => {
    expect(waysAroundGates(variant(name))).toEqual([]);
  });

  test('goes on to the next environment only after the integration test of the previous one', () => {
    expect(waysAroundTests(variant(name))).toEqual([]);
  });

  test('deploys only what was synthesized after the gates', () => {
    expect(otherTemplates(variant(name))).toEqual([]);
  });

  test('has no stage that can be skipped, and no entry other than its source', () => {
    expect(skippedStages(variant(name))).toEqual([]);
  });

  test('uses only the images of this commit', () => {
    expect(otherImages(variant(name))).toEqual([]);
  });

  test('deploys the parts of each environment in order, one environment after the other', () => {
    const { pipeline, deployment } = variant(name);
    const stacks = orderOf(pipeline).deployments.map(({ account, region, stackName }) => [
      account,
      region,
      stackName,
    ]);
    expect(stacks).toEqual(
      deployment.environments.flatMap(({ name: environment, account, region }) =>
        [
          ...stackParts,
          ...Object.keys(deployment.services)
            .sort()
            .map((service) => `service-${service}`),
        ].map((part) => [account, region, `${deployment.name}-${environment}-${part}`]),
      ),
    );
  });

  test('has approvals exactly where the configuration asks for them', () => {
    expect(approvalsIn(variant(name))).toEqual(approvalsWanted(variant(name)));
  });

  test('shows in each approval what would change, and where to read all of it', () => {
    expect(blindApprovals(variant(name))).toEqual([]);
  });

  test('runs at most five builds in sequence before its first deployment', () => {
    const { pipeline } = variant(name);
    const [first] = orderOf(pipeline).deployments;
    if (!first) throw new Error('It deploys nothing.');
    const sequence = buildsInSequence(pipeline, first);
    // An approval before the first deployment needs one more build, which summarizes the changes.
    const asked = orderOf(pipeline)
      .before(first)
      .filter(({ name }) => name === 'Changes').length;
    expect(sequence.length - Math.max(0, asked - 1)).toBeLessThanOrEqual(5);
    // Images and gates run in parallel.
    expect(sequence[0]?.split(' | ').sort()).toEqual([
      'Audit',
      'Checks',
      ...imageNames(variant(name).deployment)
        .map((image) => `Image-${image}`)
        .sort(),
      'Tests',
    ]);
  });

  test('runs builds whose every command comes from buildspecs/', () => {
    const files = globSync('*.yml', { cwd: 'buildspecs' }).map((file) =>
      commandsOf(readBuildspec(basename(file, '.yml') as BuildspecName)),
    );
    const others = orderOf(variant(name).pipeline).builds.filter(
      ({ buildspec }) => !files.some((commands) => isDeepStrictEqual(commands, commandsOf(buildspec))),
    );
    expect(others.map(place)).toEqual([]);
  });

  test('rolls services back only where the configuration says so', () => {
    const { pipeline, deployment } = variant(name);
    const rolledBack = pipeline.stages.filter(({ onFailure }) => onFailure === 'ROLLBACK');
    expect(rolledBack.map((stage) => stage.name)).toEqual(
      deployment.environments
        .filter(({ service }) => service.rollbackOnFailedTest)
        .map((environment) => `${environment.name}-service`),
    );
    // The test is in the stage that is rolled back. An approval is not, so a rollback needs no approval.
    for (const { actions } of rolledBack) {
      const services = 1 + Object.keys(deployment.services).length;
      const deployed = Array.from({ length: services }, () => 'deploy');
      expect(actions.map(({ kind }) => kind)).toEqual(['build', ...deployed, 'build']);
      // In parallel: no service waits for another, except that web services wait for the shared load balancer.
      const answering = Object.keys(deployment.services).filter(
        (service) => deployment.services[service]?.kind === 'web',
      );
      const orders = new Map(
        actions.filter(({ kind }) => kind === 'deploy').map((action) => [action.name, action.runOrder]),
      );
      const first = Math.min(...orders.values());
      for (const [action, order] of orders) {
        const waits = answering.some((service) => action.includes(`-${service}`));
        expect([action, order - first]).toEqual([action, waits ? 1 : 0]);
      }
    }
  });
});

test('when a service is removed, exactly its stacks are reported as left behind, in each environment', () => {
  const { template, deployment } = variant('three environments in two regions, three services, ARM');
  const without = structuredClone(template);
  for (const { Properties } of Object.values(without.Resources)) {
    for (const stage of Properties?.Stages ?? [])
      stage.Actions = stage.Actions.filter(({ Name }: { Name: string }) => !Name.includes('-service-worker'));
  }
  expect(noLongerDelivered(template, without)).toEqual(
    deployment.environments.map(({ name }) => `windows-auth-${name}-service-worker`),
  );
  const moved = JSON.parse(
    JSON.stringify(template).replaceAll(/333333333333-eu-west-1/g, '333333333333-eu-north-1'),
  );
  const left = noLongerDelivered(template, moved);
  expect(left).toContain('windows-auth-production-directory in 333333333333 eu-west-1');
  expect(
    left.filter((stack) => !/^windows-auth-production-.* in 333333333333 eu-west-1$/.test(stack)),
  ).toEqual([]);
  for (const deployed of [undefined, without, template])
    expect(noLongerDelivered(deployed, template)).toEqual([]);
});

describe('The checks of the pipeline find:', () => {
  /** The example with its pipeline changed. */
  const broken = (change: (pipeline: Mutable<Pipeline>) => void): SynthesizedPipeline => {
    const { pipeline, ...rest } = variant('the example');
    const copy = structuredClone(pipeline) as Mutable<Pipeline>;
    change(copy);
    return { ...rest, pipeline: copy };
  };
  const stage = (pipeline: Mutable<Pipeline>, name: string) => {
    const found = pipeline.stages.find((candidate) => candidate.name === name);
    if (!found) throw new Error(`There is no stage ${name}.`);
    return found;
  };
  const build = (pipeline: Mutable<Pipeline>, name: string) =>
    pipeline.stages
      .flatMap(({ actions }) => actions)
      .find((action) => action.name === name) as Mutable<BuildAction>;

  test('a gate that is missing, that runs too late, or that ignores failures', () => {
    const gone = broken((pipeline) => {
      const { actions } = stage(pipeline, 'Build');
      actions.splice(
        actions.findIndex(({ name }) => name === 'Tests'),
        1,
      );
    });
    expect(waysAroundGates(gone)).toContain(
      'staging-database/windows-auth-staging-database.Deploy does not wait for tests',
    );
    const late = broken((pipeline) => {
      pipeline.stages.push({
        name: 'Late',
        onFailure: 'FAIL',
        skippedIf: undefined,
        actions: [build(pipeline, 'Checks')],
      });
      stage(pipeline, 'Build').actions.shift();
      build(pipeline, 'Checks').stage = 'Late';
    });
    expect(waysAroundGates(late)).toContain(
      'production-service/windows-auth-production-service.Deploy does not wait for types, lint',
    );
    const lenient = broken((pipeline) => {
      build(pipeline, 'Synth').buildspec.phases.build = { commands: ['npm run synth', 'npm test || true'] };
    });
    expect(waysAroundGates(lenient)).toContain('Build/Synth ignores a failure of this: npm test || true');
  });

  test('an environment that does not wait for the previous one to be tested, or a test of something else', () => {
    const early = broken((pipeline) => {
      const [moved] = pipeline.stages.splice(
        pipeline.stages.findIndex(({ name }) => name === 'production-database'),
        1,
      );
      if (moved) pipeline.stages.splice(4, 0, moved);
    });
    expect(waysAroundTests(early)).toEqual([
      'production-database/windows-auth-production-database.Deploy does not wait for the test of staging',
      'production-database/windows-auth-production-database-contents.Deploy does not wait for the test of staging',
    ]);
    const other = broken((pipeline) => {
      build(pipeline, 'Integration-test').environment = {
        TEST_PROJECT: 'windows-auth-other-integration-test',
      };
    });
    expect(waysAroundTests(other)).toContain('nothing tests staging');
  });

  test('a template or an image from elsewhere', () => {
    const template = broken((pipeline) => {
      const deploy = stage(pipeline, 'staging-database').actions.find(({ kind }) => kind === 'deploy');
      if (deploy) deploy.inputs = ['Other'];
    });
    expect(otherTemplates(template)).toEqual([
      'staging-database/windows-auth-staging-database.Deploy takes its template from nowhere',
    ]);
    const source = broken((pipeline) => {
      const changes = stage(pipeline, 'Provenance').actions.find(({ name }) => name === 'Changes');
      if (changes) changes.inputs = ['Image_web_Output', ...changes.inputs.slice(1)];
    });
    expect(otherTemplates(source)).toContain(
      'staging-database/windows-auth-staging-database.Deploy takes its template from Provenance/Changes',
    );
    for (const change of [
      (told = '') => told.replace('web=#{Build@Image-web.', 'web=#{Build@Image-sidecar.'),
      // The last digest given for an image is used.
      (told = '') => `${told} web=sha256:${'1'.repeat(64)}`,
    ]) {
      const image = broken((pipeline) => {
        const { environment } = build(pipeline, 'Synth');
        environment.IMAGE_DIGESTS = change(environment.IMAGE_DIGESTS);
      });
      expect(otherImages(image)).toEqual([
        'Build/Synth does not take the digest of web from Build/Image-web',
      ]);
    }
  });

  test('an approval that does not show the changes it is about', () => {
    const blind = broken((pipeline) => {
      const [changes] = stage(pipeline, 'production-database-approval').actions;
      (changes as Mutable<BuildAction>).name = 'Other';
    });
    expect(blindApprovals(blind)).toContain('production-database-approval/Approve has no summary');
    const missing = broken((pipeline) => {
      const { actions } = stage(pipeline, 'production-service-approval');
      (actions[0] as Mutable<BuildAction>).environment = {
        CHANGED_STACKS: 'eu-central-1/windows-auth-staging-service=x',
      };
    });
    expect(blindApprovals(missing)).toEqual([
      'production-service-approval/Approve does not show the changes of windows-auth-production-service',
    ]);
  });

  test('a stage with a condition', () => {
    const { template } = variant('the example');
    const copy = structuredClone(template);
    const pipeline = Object.values(copy.Resources).find(({ Type }) => Type === 'AWS::CodePipeline::Pipeline');
    pipeline?.Properties.Stages.splice(0, 1, {
      ...pipeline.Properties.Stages[0],
      OnFailure: { Result: 'RETRY' },
      BeforeEntry: { Conditions: [{ Result: 'SKIP' }] },
    });
    expect(skippedStages({ template: copy })).toEqual([
      'Source has BeforeEntry',
      'Source has OnFailure {"Result":"RETRY"}',
    ]);
  });
});

type Mutable<Value> = {
  -readonly [Key in keyof Value]: Value[Key] extends object ? Mutable<Value[Key]> : Value[Key];
};
