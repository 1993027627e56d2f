import { containerNames } from '@packages/contracts';
import { expect, test } from 'vitest';
import { pipelineDocument } from '../../../local/pipeline/picture/document.ts';
import {
  buildsBeforeFirstDeployment,
  pipelinePicture,
} from '../../../local/pipeline/picture/pipeline-picture.ts';
import { exampleServices } from '../../infrastructure/example-deployment.ts';
import { exampleDeployment } from '../../infrastructure/synthesize.ts';
import { orderOf } from '../invariants/order.ts';
import { synthesizePipeline } from '../synthesized-pipeline.ts';
import { variant } from '../variants.ts';

test('docs/generated/pipeline.md is up to date', async () => {
  // To regenerate it: npx vitest run --project unit test/pipeline/synthesized.test.ts -u
  // Uses the example's services rather than those in cdk.json, so that adding a service there does not change the document.
  const { pipeline, deployment } = synthesizePipeline(
    exampleDeployment((input) => {
      input.services = exampleServices;
    }),
  );
  await expect(pipelineDocument(pipeline, deployment)).toMatchFileSnapshot(
    '../../docs/generated/pipeline.md',
  );
});

test.each(['the example', 'three environments in two regions, three services, ARM'])(
  'the picture of %s shows every action, in the order in which they run',
  (name) => {
    const { pipeline, deployment } = variant(name);
    const { environments, tools } = deployment;
    const picture = pipelinePicture(pipeline, [{ name: 'tools', ...tools }, ...environments]);
    const { actions } = orderOf(pipeline);
    const shown = picture.match(/"\d+ · [^"]+"/g);
    expect(shown).toHaveLength(actions.length);
    for (const environment of environments) {
      const stacks = actions.filter(
        ({ account, region }) => account === environment.account && region === environment.region,
      );
      expect(stacks.length).toBeGreaterThan(0);
      expect(picture).toContain(`${deployment.name}-${environment.name}-service<br>in`);
    }
    const stages = pipeline.stages.map(({ name }) => name);
    expect(picture.match(/subgraph s\d+\["[^" ]+/g)?.map((line) => line.split('"')[1])).toEqual(stages);
    expect(picture.match(/^ {2}s\d+ --> s\d+$/gm)).toEqual(
      stages.slice(1).map((_, index) => `  s${index} --> s${index + 1}`),
    );
  },
);

test('the builds before the first deployment are grouped by the order in which they run', () => {
  expect(buildsBeforeFirstDeployment(variant('the example').pipeline)).toEqual([
    ['Audit', 'Checks', ...containerNames.map((image) => `Image-${image}`).sort(), 'Tests'],
    ['Synth'],
    ['Changes', 'Sign'],
    ['SelfMutate'],
    ['Assets'],
  ]);
});
