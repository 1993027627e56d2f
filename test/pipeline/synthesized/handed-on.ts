import { describe, expect, test } from 'vitest';
import { deployedArtifact } from '../../../lib/delivery/artifacts/artifact-names.ts';
import { replaceableWhileItWaits, rolesThatWrite } from '../invariants/handed-on.ts';
import { orderOf } from '../invariants/order.ts';
import { variant, variants } from '../variants.ts';

describe.each(Object.keys(variants))(
  'The artifact that waits for an approval in the pipeline of %s',
  (name) => {
    test('is not, and may not be, written by a build that runs code of the commit', () => {
      expect(replaceableWhileItWaits(variant(name))).toEqual([]);
    });

    test('is an assembly that the self-update accepts, because it contains only templates', () => {
      expect(variant(name).refused).toBe('');
    });

    test('is the input of every deployment', () => {
      const { pipeline, deployment } = variant(name);
      const { deployments } = orderOf(pipeline);
      expect(new Set(deployments.flatMap(({ inputs }) => inputs))).toEqual(
        new Set([deployedArtifact(deployment)]),
      );
    });
  },
);

describe('A way to replace the artifact that waits is found:', () => {
  const { pipeline, template, ...rest } = variant('the example');
  const artifact = deployedArtifact(rest.deployment);

  test('an action that uses the output of Synth itself', () => {
    const stages = structuredClone(pipeline.stages) as unknown as {
      actions: { name: string; stage: string; inputs: string[] }[];
    }[];
    const actions = stages.flatMap((stage) => stage.actions);
    const changed = actions.find(({ name, stage }) => name === 'Assets' && stage.startsWith('production'));
    if (changed) changed.inputs[0] = 'Synth_Output';
    const copy = { ...pipeline, stages } as unknown as typeof pipeline;
    expect(replaceableWhileItWaits({ ...rest, template, pipeline: copy })).toEqual([
      `${changed?.stage}/Assets takes Synth_Output, which Build/Synth writes`,
    ]);
  });

  test.each([
    ['every object', (resource: unknown) => [resource, '*']],
    [
      'objects of that prefix',
      (resource: unknown) =>
        JSON.parse(JSON.stringify(resource).replaceAll(/Synth_Outp/g, artifact.slice(0, 10))),
    ],
  ])('a build of the commit that may write %s', (_, wider) => {
    const copy = structuredClone(template);
    const { project } = orderOf(pipeline).builds.find((build) => build.name === 'Synth') ?? {};
    const role = copy.Resources[project ?? '']?.Properties.ServiceRole['Fn::GetAtt'][0];
    const policies = Object.values(copy.Resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties.Roles).includes(`"${role}"`),
    );
    for (const { Properties } of policies)
      for (const statement of Properties.PolicyDocument.Statement)
        if (JSON.stringify(statement.Action).includes('s3:PutObject'))
          statement.Resource = wider(statement.Resource);
    const found = replaceableWhileItWaits({ ...rest, pipeline, template: copy });
    expect(found).toContain(`UpdatePipeline/SelfMutate takes ${artifact}, which Build/Synth writes`);
  });

  test('only the roles of the pipeline, its source and the comparison may write it', () => {
    const roles = rolesThatWrite({ ...rest, pipeline, template }, artifact);
    expect(roles).toEqual([
      expect.stringMatching(/^PipelineRole/),
      expect.stringMatching(/^PipelineSourceCodePipelineActionRole/),
      expect.stringMatching(/^toolsactionrole/),
      expect.stringMatching(/^pipelinechangesbuildrole/),
    ]);
  });
});
