import type { RecordedBuild } from './pipeline-record.ts';

/** An image in the registry. */
export interface PushedImage {
  /** The name with the tag. */
  readonly name: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly pushedAt: Date;
}

/**
 * The builds that must have succeeded in an execution, by action.
 *
 * @param builds the builds of the execution, the newest first
 * @throws Error naming those that have not run or not succeeded
 */
export function passedGates(
  builds: readonly RecordedBuild[],
  gates: readonly string[],
): Map<string, RecordedBuild> {
  const latest = gates.map((gate) => [gate, builds.find(({ action }) => action === gate)] as const);
  const open = latest.filter(([, build]) => build?.status !== 'Succeeded');
  if (open.length > 0) {
    const list = open.map(([gate, build]) => `${gate} (${build?.status ?? 'it has not run'})`).join(', ');
    throw new Error(`Nothing is signed until all gates have passed, and these have not: ${list}.`);
  }
  return new Map(latest.map(([gate, build]) => [gate, build as RecordedBuild]));
}

/**
 * Refuses an image whose digest is not the one that the execution's own build has exported.
 *
 * @throws Error with both digests
 */
export function checkExported(
  { name, digest }: Pick<PushedImage, 'name' | 'digest'>,
  exported?: string,
): void {
  if (digest === exported) return;
  throw new Error(
    `${name} is ${digest} in the registry, but its build has exported ${exported ?? 'nothing'}.`,
  );
}

/**
 * Finds the build that has made an image: it was running for this revision when the image was pushed, and reports that the
 * image did not exist before. A build of another revision can push under any tag, and its credentials outlive it. Therefore
 * neither the tag nor the time alone proves that an image belongs to this revision.
 *
 * @param builds the builds of the image in all executions of the revision
 * @throws Error when no such build has pushed it
 */
export function originOf(
  { name, digest, pushedAt }: PushedImage,
  builds: readonly RecordedBuild[],
): RecordedBuild {
  const atWork = builds.filter(({ startedAt, endedAt }) => startedAt <= pushedAt && pushedAt <= endedAt);
  const maker = atWork.find(
    ({ variables }) => variables.IMAGE_STATE === 'absent' && variables.IMAGE_DIGEST === digest,
  );
  if (maker) return maker;
  const why =
    atWork.length > 0
      ? `while ${atWork.map(({ id }) => id).join(', ')} was running, which does not report having built it: it found the image, or it failed after the push`
      : 'when no build of this commit was running: another build has pushed it under this tag';
  throw new Error(
    `${name} was pushed at ${pushedAt.toISOString()}, ${why}. It is not signed. Find out which build has pushed it (CloudTrail: PutImage), and push another commit.`,
  );
}
