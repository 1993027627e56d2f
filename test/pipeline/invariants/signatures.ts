import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { commandsOf, orderOf, place } from './order.ts';

const check =
  'node "$CODEBUILD_SRC_DIR_Tools_Source/check-provenance/main.cjs" --assembly . $ENVIRONMENT_STACKS';

/** The ways to a deployment that go around the signatures of its environment's images. */
export function waysAroundSignatures({ pipeline, deployment }: SynthesizedPipeline): string[] {
  const { actions, builds, deployments, before, precedes } = orderOf(pipeline);
  const source = actions.find(({ name }) => name === 'Source');
  const signing = builds.filter((build) =>
    commandsOf(build.buildspec).some((command) => command.includes('/sign-images/main.cjs')),
  );
  const isCommit = (text = '') => text.includes(`#{${source?.namespace}.`);
  return deployments.flatMap((deployed) => {
    const environment = deployed.stackName.slice(deployment.name.length + 1).split('-')[0];
    const all = deployments.filter(({ stackName }) =>
      stackName.startsWith(`${deployment.name}-${environment}-`),
    );
    const words = all.map(({ region, stackName, templatePath }) => `${region}/${stackName}=${templatePath}`);
    const checking = before(deployed).filter(
      (action) =>
        action.kind === 'build' &&
        commandsOf(action.buildspec).includes(check) &&
        isCommit(action.environment.REVISION) &&
        words.every((word) => action.environment.ENVIRONMENT_STACKS?.split(' ').includes(word)),
    );
    return [
      // In its own stage, so that a stage that is rolled back checks what it goes back to.
      ...(checking.some(({ stage }) => stage === deployed.stage)
        ? []
        : [`${place(deployed)} does not wait for the check of its images`]),
      ...(signing.some((sign) => precedes(sign, deployed) && isCommit(sign.environment.REVISION))
        ? []
        : [`${place(deployed)} does not wait for signatures`]),
    ];
  });
}
