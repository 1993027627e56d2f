import {
  type Deployment,
  type Environment,
  furtherServices,
  givenImages,
  imageRepositoryName,
  namesOf,
  serviceNamesOf,
} from '../../../config/index.ts';
import {
  approvalStageName,
  environmentParts,
  pipelineApprovalStage,
} from '../../../config/pipeline-names.ts';
import { serviceStack } from '../../../config/stack-names.ts';
import type { Bundle } from './bundle.ts';

/**
 * A task that the configuration requires, and the images that it must run, by repository name, or by digest if given.
 */
interface ExpectedTask {
  readonly stack: string;
  readonly family: string;
  readonly images: readonly string[];
}

/**
 * Finds what is missing in a bundle, according to the configuration or the bundle itself: a service's stack, a task
 * definition, a container's image, the record of an image in each version that runs, an approval.
 *
 * @returns one sentence for each
 */
export function omissions(deployment: Deployment, environment: Environment, bundle: Bundle): string[] {
  const known = new Set(bundle.images.map(({ name, digest }) => `${name}@${digest}`));
  const given = givenImages(deployment, environment).map(withoutHost);
  const run = bundle.tasks.flatMap((task) => task.images.map((image) => ({ ...task, image })));
  return [
    ...expectedTasks(deployment, environment).flatMap((expected) => missingIn(expected, bundle)),
    ...run
      .filter(({ image }) => !known.has(image) && !given.includes(image))
      .map(({ image, family }) => `${family} runs ${image}, about which nothing is recorded.`),
    ...[...known]
      .filter((image) => !run.some((each) => each.image === image))
      .map((image) => `${image} is recorded, but no recorded task runs it.`),
    ...expectedApprovals(deployment, environment)
      .filter(
        (stage) => !bundle.approvals.some((each) => each.stage === stage && each.status === 'Succeeded'),
      )
      .map((stage) => `The configuration requires an approval in ${stage}, but none is recorded.`),
  ];
}

function missingIn({ stack, family, images }: ExpectedTask, { tasks }: Bundle): string[] {
  const task = tasks.find((each) => each.stack === stack && each.family === family);
  if (!task) {
    return tasks.some((each) => each.stack === stack)
      ? [`Nothing is recorded about the task definition ${family} of ${stack}.`]
      : [`Nothing is recorded about ${family}: the stack ${stack} is not there yet, or was left out.`];
  }
  return images
    .filter((image) => !task.images.some((each) => each === image || each.startsWith(`${image}@`)))
    .map((image) => `${family} does not run the image ${image}, which the configuration requires.`);
}

function expectedTasks(deployment: Deployment, environment: Environment): ExpectedTask[] {
  const repository = (image: string) => imageRepositoryName(deployment, image);
  const names = namesOf(deployment, environment);
  const web = {
    stack: `${names.prefix}-service`,
    ...names,
    images: ['web', 'sidecar'].map(repository),
  };
  const further = furtherServices(deployment, environment).map((service) => ({
    stack: serviceStack(deployment, environment, service),
    ...serviceNamesOf(deployment, environment, service),
    images: [
      service.image ? withoutHost(service.image.uri) : repository(service.name),
      repository('sidecar'),
    ],
  }));
  return [web, ...further].flatMap(({ stack, serviceName, doctorFamily, images }) => [
    { stack, family: serviceName, images },
    { stack, family: doctorFamily, images: [repository('sidecar')] },
  ]);
}

function expectedApprovals({ environments }: Deployment, environment: Environment): string[] {
  const { beforeEnvironment, beforeDatabase, beforeService } = environment.approvals;
  const asked = { 'network-directory': beforeEnvironment, database: beforeDatabase, service: beforeService };
  const anywhere = environments.some(({ approvals }) => Object.values(approvals).some(Boolean));
  return [
    ...(anywhere ? [pipelineApprovalStage] : []),
    ...environmentParts.filter((part) => asked[part]).map((part) => approvalStageName(environment, part)),
  ];
}

/** An image's name without the registry's host, parts of which only AWS knows. */
function withoutHost(uri: string): string {
  return uri.slice(uri.indexOf('/') + 1);
}
