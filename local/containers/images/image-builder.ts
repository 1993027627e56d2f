import { createWriteStream } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { type ImageName, imageRepositoryName, sourceAddress } from '../../../lib/config/index.ts';
import type { Buildspec } from '../../../lib/constructs/common/buildspec.ts';
import { readBuildspec } from '../../../lib/constructs/common/buildspec-file.ts';
import { startAwsEndpoint } from '../../pipeline/aws/aws-endpoint.ts';
import { runBuildspec } from '../../pipeline/build/run-buildspec.ts';
import { configuredDeployment } from '../../pipeline/cdk-context.ts';
import { logTail } from '../../processes/managed-process.ts';
import { temporaryFolder } from '../../processes/temporary-folder.ts';
import type { ContainerEngine } from '../engine.ts';
import { type ImageRegistry, startImageRegistry } from '../registry/image-registry.ts';
import { removeLeftBuilds } from '../setup/left-builds.ts';
import { registryOperations } from './registry-operations.ts';
import { copySourceTree } from './source-tree.ts';

export interface ImageBuilderOptions {
  /** Receives the log of the builds, appended. */
  readonly logFile: string;
  /** Stops the running build; default: no way to stop it. */
  readonly signal?: AbortSignal;
}

export interface ImageBuildOptions {
  /**
   * Also reinstall the npm packages, as the buildspec's install phase does. By default the build uses the packages
   * installed here, which come from the same lock file.
   */
  readonly install?: boolean;
}

/** An image in the builder's registry. */
export interface PushedImage {
  /** In the registry, including the tag. */
  readonly reference: string;
  /** The digest that the build exported: `sha256:…` of the manifest. */
  readonly digest: string;
  readonly compressedBytes: number;
}

/** Runs the pipeline's image builds on this machine. */
export interface ImageBuilder extends AsyncDisposable {
  readonly registry: ImageRegistry;
  /**
   * Runs `buildspecs/image.yml` for one service in a copy of the working tree.
   *
   * @param tag if it already exists, the image is not built again
   * @throws Error with the command that failed and the end of its output
   */
  build(name: ImageName, tag: string, options?: ImageBuildOptions): Promise<PushedImage>;
}

/**
 * Starts the services that image builds talk to: a registry on loopback, and an endpoint that answers for Amazon ECR
 * from that registry. At the end, the engine is logged out of the registry and loses the registry's images, except
 * those that also have other names. First removes what an interrupted build has left.
 */
export async function startImageBuilder(
  engine: ContainerEngine,
  { logFile, signal }: ImageBuilderOptions,
): Promise<ImageBuilder> {
  await removeLeftBuilds(engine);
  const folder = temporaryFolder('registry');
  const registry = await startImageRegistry(folder.path);
  const aws = await startAwsEndpoint(registryOperations(registry));
  const deployment = configuredDeployment();
  const buildspec = readBuildspec('image');
  return {
    registry,
    async build(name, tag, { install = false } = {}) {
      const repository = imageRepositoryName(deployment, name);
      const { region } = deployment.tools;
      await using source = await copySourceTree({ dependencies: !install });
      const output = createWriteStream(logFile, { flags: 'a' });
      const { status, phases, exportedVariables } = await runBuildspec({
        buildspec: install ? buildspec : withoutInstall(buildspec),
        directory: source.path,
        environment: {
          ...engine.environment,
          ...aws.environment,
          PATH: [dirname(process.execPath), engine.environment.PATH].join(delimiter),
          SERVICE: name,
          IMAGE_REGISTRY: registry.host,
          IMAGE_REPOSITORY: repository,
          IMAGE_REGIONS: region,
          IMAGE_TAG: tag,
          IMAGE_SOURCE: sourceAddress(deployment),
          IMAGE_ARCHITECTURE: deployment.images.architecture,
          // Nothing is signed here, so no image can be reused and every image is built.
          SIGNING_KEY: '',
          PROVENANCE_BUCKET: '',
          FAIL_ON_SEVERITY: deployment.images.failOnSeverity,
          AWS_REGION: region,
          POLL_SECONDS: '0.2',
        },
        codeBuild: { projectName: `image-${name}`, region, sourceVersion: tag },
        output,
        timeLimit: 900,
        ...(signal && { signal }),
      });
      output.end();
      await finished(output);
      const stored = await registry.image(repository, tag);
      const { IMAGE_DIGEST: digest = '' } = exportedVariables;
      if (status !== 'SUCCEEDED' || stored?.digest !== digest) {
        const why =
          phases.find(({ message }) => message)?.message ?? `the build exported "${digest}" as digest`;
        throw new Error(
          `The image of ${name} could not be built: ${why}\nThe end of ${logFile}:\n${logTail(logFile, 15)}`,
        );
      }
      return { reference: `${registry.host}/${repository}:${tag}`, ...stored };
    },
    async [Symbol.asyncDispose]() {
      await engine.run(['logout', registry.host]).catch(() => {});
      await forgetImages(engine, `${registry.host}/`).catch(() => {});
      await aws.stop();
      await registry.stop();
      await folder[Symbol.asyncDispose]();
      if (signal?.aborted) await removeLeftBuilds(engine);
    },
  };
}

/** Removes the image names with this prefix; an image is deleted with its last name. */
async function forgetImages(engine: ContainerEngine, beginning: string): Promise<void> {
  const names = await engine.run(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}']);
  for (const name of names.split('\n')) {
    if (name.startsWith(beginning)) await engine.run(['image', 'rm', name]).catch(() => {});
  }
}

function withoutInstall(buildspec: Buildspec): Buildspec {
  const { install, ...phases } = buildspec.phases;
  const commands = install?.commands?.filter((command) => !/^npm ci /.test(command));
  return { ...buildspec, phases: { install: { ...install, ...(commands && { commands }) }, ...phases } };
}
