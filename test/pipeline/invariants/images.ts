import { containerNames, containers } from '@packages/contracts';
import { digestOf, type ImageDigests, imageNames, imageRepositoryName } from '../../../lib/config/index.ts';
import { digestsRequired, digestsVariable } from '../../../lib/delivery/image-digests.ts';
import { pseudoParameters, resolve } from '../../../local/pipeline/template/resolve.ts';
import { all } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { orderOf, place } from './order.ts';

/** The images of all tasks, by account, region and stack. */
export function deployedImages({ templates }: SynthesizedPipeline): Map<string, string[]> {
  return new Map(
    [...templates].flatMap(([stack, template]) => {
      const [account = '', region = ''] = stack.split('/');
      const images = all(template, 'AWS::ECS::TaskDefinition').flatMap(({ ContainerDefinitions }) =>
        (ContainerDefinitions as { Image: unknown }[]).map(({ Image }) =>
          String(resolve(Image, pseudoParameters(account, region))),
        ),
      );
      return images.length > 0 ? [[stack, [...new Set(images)].sort()] as const] : [];
    }),
  );
}

/** The images that every environment must run: these digests, from the repositories of the tools account. */
export function expectedImages(
  { deployment }: SynthesizedPipeline,
  digests: ImageDigests,
): Map<string, string[]> {
  const { tools, environments, name } = deployment;
  return new Map(
    environments.flatMap((environment) => {
      const { account, region } = environment;
      const registry = `${tools.account}.dkr.ecr.${region}.amazonaws.com`;
      const others = imageNames(deployment).filter((image) => !(image in containers));
      // A stack for each service: web's runs all its containers, each other its own image and the sidecar's.
      const tasks: [service: string, images: readonly string[]][] = [
        ['web', containerNames],
        ...others.map((service): [string, string[]] => [service, [service, 'sidecar']]),
      ];
      return tasks.map(([service, images]) => [
        `${account}/${region}/${name}-${environment.name}-service${service === 'web' ? '' : `-${service}`}`,
        images
          .map((image) => `${registry}/${imageRepositoryName(deployment, image)}@${digestOf(digests, image)}`)
          .sort(),
      ]);
    }),
  );
}

/** Ways in which an image other than the one just built from this commit could get into the templates. */
export function otherImages({ deployment, pipeline }: SynthesizedPipeline): string[] {
  const { builds, actions, precedes } = orderOf(pipeline);
  const source = actions.find(({ name }) => name === 'Source');
  const synth = builds.find(({ name }) => name === 'Synth');
  if (!source || !synth) return ['there is no source, or no synthesis'];
  if (!synth.environment[digestsRequired]) return [`${place(synth)} does not insist on digests`];
  const told = synth.environment[digestsVariable]?.split(' ') ?? [];
  return imageNames(deployment).flatMap((image) => {
    const building = builds.filter(({ environment }) => environment.SERVICE === image);
    const [build] = building;
    if (!build || building.length > 1) return [`${building.length} actions build ${image}`];
    const tag = /^(?:version-)?#\{([^}]+)\.(CommitId|VersionId)\}$/.exec(build.environment.IMAGE_TAG ?? '');
    const exported = build.buildspec.env?.['exported-variables'] ?? [];
    return [
      ...(precedes(build, synth) ? [] : [`${place(synth)} does not wait for ${place(build)}`]),
      ...(tag?.[1] === source.namespace ? [] : [`${place(build)} is not tagged with the commit`]),
      ...(exported.includes('IMAGE_DIGEST') ? [] : [`${place(build)} does not export its digest`]),
      ...(told.filter((word) => word.startsWith(`${image}=`)).join() ===
      `${image}=#{${build.namespace}.IMAGE_DIGEST}`
        ? []
        : [`${place(synth)} does not take the digest of ${image} from ${place(build)}`]),
    ];
  });
}
