import { randomUUID } from 'node:crypto';

/** What CodeBuild knows about a build and passes on in variables. */
export interface CodeBuildEnvironment {
  /** Absolute path of the primary source. */
  readonly directory: string;
  readonly projectName: string;
  readonly account: string;
  readonly region: string;
  /** Commit or object version of the primary source. */
  readonly sourceVersion: string;
  /** Directories of the other input artifacts, by artifact name. */
  readonly secondarySources: Readonly<Record<string, string>>;
  /** PATH of the commands; on AWS, the build image's own. */
  readonly path: string;
  /** What started the build, for example `codepipeline/name`. */
  readonly initiator: string;
}

/**
 * The variables that CodeBuild sets for a build, in addition to those of its project.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 */
export function codeBuildEnvironment(
  known: Partial<CodeBuildEnvironment> & Pick<CodeBuildEnvironment, 'directory'>,
): Record<string, string> {
  const {
    directory,
    projectName = 'rehearsal',
    account = '000000000000',
    region = 'eu-central-1',
    sourceVersion = 'unknown',
    secondarySources = {},
    path = process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    initiator = 'codepipeline/rehearsal',
  } = known;
  const buildId = `${projectName}:${randomUUID()}`;
  return {
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    CODEBUILD_BUILD_ARN: `arn:aws:codebuild:${region}:${account}:build/${buildId}`,
    CODEBUILD_BUILD_ID: buildId,
    CODEBUILD_BUILD_IMAGE: 'rehearsal',
    CODEBUILD_BUILD_NUMBER: '1',
    CODEBUILD_BUILD_SUCCEEDING: '1',
    CODEBUILD_BUILD_URL: `https://${region}.console.aws.amazon.com/codesuite/codebuild/${account}/projects/${projectName}/build/${encodeURIComponent(buildId)}/?region=${region}`,
    CODEBUILD_CI: 'true',
    CODEBUILD_INITIATOR: initiator,
    CODEBUILD_LOG_PATH: buildId.split(':')[1] ?? '',
    CODEBUILD_RESOLVED_SOURCE_VERSION: sourceVersion,
    CODEBUILD_SOURCE_VERSION: sourceVersion,
    CODEBUILD_SRC_DIR: directory,
    ...Object.fromEntries(
      Object.entries(secondarySources).map(([artifact, folder]) => [`CODEBUILD_SRC_DIR_${artifact}`, folder]),
    ),
    CODEBUILD_START_TIME: String(Date.now()),
    HOME: process.env.HOME ?? '/root',
    LANG: 'C.UTF-8',
    PATH: path,
  };
}
