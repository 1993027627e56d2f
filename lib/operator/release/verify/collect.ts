import { readDeployedTemplate } from '../../../aws/deployed-template.ts';
import { ReleaseError } from '../../../aws/errors.ts';
import { plainText } from '../../../aws/plain-text.ts';
import { ProvenanceStore } from '../../../aws/provenance/store.ts';
import { templateImages } from '../../../aws/provenance/template-images.ts';
import { templateReaderName } from '../../../config/iam-names.ts';
import { type Environment, givenImages } from '../../../config/index.ts';
import { pipelineApprovalStage, stageName } from '../../../config/pipeline-names.ts';
import { type NamedImage, provenanceBucketName } from '../../../config/provenance-names.ts';
import { serviceStacks } from '../../../config/stack-names.ts';
import type { ReleaseContext } from '../context.ts';
import { revision, revisionTitle } from '../pipeline/pipeline-reader.ts';
import { stageHistory } from '../pipeline/stage-history.ts';
import { type Bundle, makeBundle } from './bundle.ts';

/**
 * Gathers what is known about an environment's images: the images from the deployed templates, the commit from the
 * pipeline, the signed statements, and who approved.
 *
 * @throws ReleaseError if nothing is deployed there
 */
export async function collect(context: ReleaseContext, environment: Environment): Promise<Bundle> {
  const { deployment, pipeline, waiting } = context;
  const stage = stageName(environment, 'service');
  const { standing } = await stageHistory(pipeline, stage, await pipeline.stageStates());
  const [present] = standing;
  const stacks = serviceStacks(deployment, environment);
  const templates = await Promise.all(
    stacks.map((stack) =>
      readDeployedTemplate(stack, {
        ...waiting,
        region: environment.region,
        roleArn: `arn:aws:iam::${environment.account}:role/${templateReaderName(deployment)}`,
        sessionName: 'verify',
      }),
    ),
  );
  if (!present || !templates[0]) {
    throw new ReleaseError(`Nothing runs in ${environment.name}: its service was not deployed yet.`);
  }
  const store = new ProvenanceStore(provenanceBucketName(deployment), {
    ...waiting,
    region: deployment.tools.region,
  });
  const id = present.pipelineExecutionId ?? '';
  const actions = [...(await pipeline.actionExecutions(id)).values()];
  const concerns = (name: string) =>
    name === pipelineApprovalStage || name.startsWith(`${environment.name}-`);
  const commit = revisionOf(context, revision(present));
  return makeBundle({
    environment: environment.name,
    savedAt: new Date().toISOString(),
    pipeline: pipeline.name,
    execution: { id, revision: commit, title: revisionTitle(present) },
    images: await Promise.all(
      distinct(
        templates.flatMap((template) =>
          template ? templateImages(template, givenImages(deployment, environment)) : [],
        ),
      ).map(async (image) => ({ ...image, ...(await store.find(image, commit)) })),
    ),
    tasks: stacks.flatMap((stack, index) => tasksOf(stack, templates[index])),
    approvals: actions
      .filter(
        ({ stageName: where = '', input }) => input?.actionTypeId?.category === 'Approval' && concerns(where),
      )
      .map(({ stageName: where = '', status = '', updatedBy = '', lastUpdateTime, output }) => ({
        stage: plainText(where),
        status,
        by: plainText(updatedBy),
        at: lastUpdateTime?.toISOString() ?? '',
        comment: plainText(output?.executionResult?.externalExecutionSummary ?? ''),
      })),
  });
}

type Template = Readonly<Record<string, unknown>>;

/** What each task definition of a stack runs, including images that others built. */
export function tasksOf(stack: string, template: Template | undefined): Bundle['tasks'] {
  const resources = (template?.Resources ?? {}) as Record<string, { Type: string; Properties?: Template }>;
  return Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::ECS::TaskDefinition')
    .map(([id, resource]) => ({
      stack,
      family: plainText(String(resource.Properties?.Family ?? id)),
      images: templateImages({ Resources: { [id]: resource } })
        .map(({ name, digest }) => `${name}@${digest}`)
        .sort(),
    }));
}

/** Every task has the sidecar, so remove duplicates. */
function distinct(images: readonly NamedImage[]): NamedImage[] {
  return [...new Map(images.map((image) => [`${image.name}@${image.digest}`, image])).values()];
}

/** Images from S3 sources are tagged with the object's version. */
function revisionOf({ deployment }: ReleaseContext, id: string): string {
  return deployment.source.type === 's3' ? `version-${id}` : id;
}
