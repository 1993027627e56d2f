import { basename } from 'node:path';
import { imageNames, imageRepositoryName } from '../../../lib/config/index.ts';
import { imageArtifact, isSignAction } from '../../../lib/config/pipeline-names.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { commandsOf, orderOf, place, sourceAction } from './order.ts';

const check =
  'node "$CODEBUILD_SRC_DIR_Tools_Source/check-provenance/main.cjs" --assembly . $ENVIRONMENT_STACKS';

/** The deployments that can run without a check of the signatures of their environment's images. */
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
      // The check is in the same stage, so that a rollback of the stage checks what it restores.
      ...(checking.some(({ stage }) => stage === deployed.stage)
        ? []
        : [`${place(deployed)} does not wait for the check of its images`]),
      ...(signing.length > 0 &&
      signing.every((sign) => precedes(sign, deployed) && isCommit(sign.environment.REVISION))
        ? []
        : [`${place(deployed)} does not wait for signatures`]),
    ];
  });
}

/**
 * The images that are not signed exactly once, with the artifact that their own build made in this execution and the source
 * that they were built from.
 */
export function notSignedOnce({ pipeline, deployment }: SynthesizedPipeline): string[] {
  const { builds, precedes } = orderOf(pipeline);
  const signing = builds.filter(({ name }) => isSignAction(name));
  const inAction = signing.map((sign) => {
    const repositories = sign.environment.IMAGE_REPOSITORIES?.split(' ') ?? [];
    // The program finds the artifacts by their names.
    const inputOf = (name: string) => sign.inputs.find((input) => input === imageArtifact(basename(name)));
    return { sign, images: repositories.map((name) => ({ name, input: inputOf(name) })) };
  });
  return imageNames(deployment).flatMap((image) => {
    const name = imageRepositoryName(deployment, image);
    const found = inAction.flatMap(({ sign, images }) =>
      images.filter((one) => one.name === name).map(({ input }) => ({ sign, input })),
    );
    const [one] = found;
    if (!one || found.length > 1) return [`${image} is signed ${found.length} times`];
    const [build, ...more] = builds.filter(({ outputs }) => outputs.includes(one.input ?? ''));
    const own = build?.environment.IMAGE_REPOSITORY === name && more.length === 0;
    if (!own || !precedes(build, one.sign))
      return [`${place(one.sign)} signs ${image} with the output of another build`];
    return one.sign.inputs[0] === build.inputs[0] &&
      sourceAction(pipeline).outputs.includes(build.inputs[0] ?? '')
      ? []
      : [`${place(one.sign)} signs ${image} without the source that it was built from`];
  });
}
