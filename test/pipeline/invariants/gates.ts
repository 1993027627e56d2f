import { isDeepStrictEqual } from 'node:util';
import { provenanceStage } from '../../../lib/config/pipeline-names.ts';
import type { BuildAction, PipelineAction } from '../../../local/pipeline/pipeline.ts';
import type { SynthesizedTemplate } from '../../infrastructure/template.ts';
import { only } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { commandsOf, orderOf, place } from './order.ts';

/** The commands that must have succeeded, by gate, before any deployment. */
const gates: Readonly<Record<string, readonly string[]>> = {
  'types, lint': ['npm run lint'],
  tests: ['npm test'],
  'signatures of packages': ['node lib/programs/check-signatures.ts'],
  'known vulnerabilities': ['node lib/programs/audit-packages.ts'],
  'cdk-nag, template checks': ['npm run synth'],
};

/** The deployments that do not wait for all gates, and the gates that ignore failures. */
export function waysAroundGates({ pipeline }: SynthesizedPipeline): string[] {
  const { deployments, before } = orderOf(pipeline);
  return deployments.flatMap((deployment) => {
    const earlier = before(deployment).filter((action) => action.kind === 'build');
    return Object.entries(gates).flatMap(([gate, commands]) => {
      const runs = earlier.filter((build) =>
        commands.every((command) => commandsOf(build.buildspec).includes(command)),
      );
      if (runs.length === 0) return [`${place(deployment)} does not wait for ${gate}`];
      return runs.flatMap((build) => lenience(build).map((flaw) => `${place(build)} ${flaw}`));
    });
  });
}

/** Everything that could let a build succeed although one of its commands fails. */
function lenience(build: BuildAction): string[] {
  const { phases } = build.buildspec;
  return [
    ...Object.entries(phases)
      .filter(([, phase]) => phase?.['on-failure'] === 'CONTINUE')
      .map(([name]) => `goes on after a failure in ${name}`),
    ...commandsOf(build.buildspec)
      .filter((command) => /\|\||;\s*(true|:)\s*$|^set \+e|exit 0/m.test(command))
      .map((command) => `ignores a failure of this: ${command}`),
  ];
}

/** The environments that do not wait for the integration test of the previous one. */
export function waysAroundTests({ pipeline, deployment }: SynthesizedPipeline): string[] {
  const { builds, deployments, precedes } = orderOf(pipeline);
  const of = (name: string) => deployments.filter(({ stackName }) => stackName.startsWith(`${name}-`));
  return deployment.environments.flatMap((environment, index) => {
    const prefix = `${deployment.name}-${environment.name}`;
    const project = `${prefix}-integration-test`;
    const role = `arn:aws:iam::${environment.account}:role/${project}`;
    const test = builds.find(
      (build) =>
        commandsOf(build.buildspec).includes(
          'node "$CODEBUILD_SRC_DIR_Tools_Source/run-integration-test/main.cjs"',
        ) &&
        build.environment.TEST_PROJECT === project &&
        build.environment.TEST_ROLE_ARN === role,
    );
    if (!test) return [`nothing tests ${environment.name}`];
    const later = deployment.environments
      .slice(index + 1)
      .flatMap(({ name }) => of(`${deployment.name}-${name}`));
    return [
      ...lenience(test).map((flaw) => `${place(test)} ${flaw}`),
      ...of(prefix)
        .filter((own) => !precedes(own, test))
        .map((own) => `${place(test)} does not wait for ${place(own)}`),
      ...later
        .filter((next) => !precedes(test, next))
        .map((next) => `${place(next)} does not wait for the test of ${environment.name}`),
    ];
  });
}

/**
 * Deployments whose template does not come from the single synthesis after the gates, directly or passed on by the
 * comparison of the pipeline.
 */
export function otherTemplates({ pipeline }: SynthesizedPipeline): string[] {
  const { actions, deployments, precedes } = orderOf(pipeline);
  const makersOf = (inputs: readonly string[]) =>
    actions.filter(({ outputs }) => outputs.some((output) => inputs.includes(output)));
  const isMade = (by: PipelineAction, inputs: readonly string[]): boolean => {
    const [maker, ...others] = makersOf(inputs);
    if (!maker || others.length > 0 || !precedes(maker, by)) return false;
    return maker.name === 'Synth' || (place(maker) === comparison && isMade(maker, maker.inputs.slice(0, 1)));
  };
  return deployments.flatMap((deployment) => {
    const makers = makersOf(deployment.inputs);
    return isMade(deployment, deployment.inputs)
      ? []
      : [`${place(deployment)} takes its template from ${makers.map(place).join(', ') || 'nowhere'}`];
  });
}

const comparison = `${provenanceStage}/Changes`;

/** Settings of a stage with which it could be skipped, or entered other than from the previous stage. */
export function skippedStages({ template }: { readonly template: SynthesizedTemplate }): string[] {
  const { Stages, Triggers, DisableInboundStageTransitions } = only(template, 'AWS::CodePipeline::Pipeline');
  const lenient = (Stages as Record<string, unknown>[]).flatMap(({ Name, Actions, OnFailure, ...rest }) => {
    if (isUpdateApproval(Name, rest.BeforeEntry)) delete rest.BeforeEntry;
    const { Result, ...conditions } = (OnFailure ?? { Result: 'ROLLBACK' }) as Record<string, unknown>;
    return [
      ...Object.keys(rest).map((key) => `${Name} has ${key}`),
      ...(Result !== 'ROLLBACK' || Object.keys(conditions).length > 0
        ? [`${Name} has OnFailure ${JSON.stringify(OnFailure)}`]
        : []),
      ...(Actions as { Name: string; Condition?: unknown }[])
        .filter(({ Condition }) => Condition !== undefined)
        .map((action) => `${Name}/${action.Name} has a condition`),
    ];
  });
  return [
    ...lenient,
    ...(Triggers === undefined ? [] : ['the pipeline has triggers of its own']),
    ...(DisableInboundStageTransitions === undefined ? [] : ['the pipeline has closed transitions']),
  ];
}

/** The only stage that may be skipped: the approval of pipeline changes, when there are none. */
function isUpdateApproval(name: unknown, entry: unknown): boolean {
  const condition = {
    Variable: '#{pipeline-changes.CHANGES}',
    Operator: 'NE',
    Value: 'none',
  };
  return (
    name === 'Pipeline-approval' &&
    isDeepStrictEqual(
      (entry as { Conditions: { Result: string; Rules: { Configuration: unknown }[] }[] })?.Conditions?.map(
        ({ Result, Rules }) => [Result, Rules.map(({ Configuration }) => Configuration)],
      ),
      [['SKIP', [condition]]],
    )
  );
}

/** The longest sequence of CodeBuild actions that must run one after the other before this action. */
export function buildsInSequence(pipeline: SynthesizedPipeline['pipeline'], until: PipelineAction): string[] {
  const { before } = orderOf(pipeline);
  const steps = new Map<string, string[]>();
  for (const action of before(until)) {
    if (action.kind !== 'build') continue;
    const step = `${action.stage}/${action.runOrder}`;
    steps.set(step, [...(steps.get(step) ?? []), action.name]);
  }
  return [...steps.values()].map((names) => names.join(' | '));
}
