import type { RecordedBuild } from './pipeline-record.ts';

/** An image in the registry. */
export interface PushedImage {
  /** With its tag. */
  readonly name: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly pushedAt: Date;
}

/**
 * The builds that had to succeed in an execution, by their actions.
 *
 * @param builds of the execution, the newest first
 * @throws Error with what has not run, or not to a good end
 */
export function passedGates(
  builds: readonly RecordedBuild[],
  gates: readonly string[],
): Map<string, RecordedBuild> {
  const latest = gates.map((gate) => [gate, builds.find(({ action }) => action === gate)] as const);
  const open = latest.filter(([, build]) => build?.status !== 'Succeeded');
  if (open.length > 0) {
    const list = open.map(([gate, build]) => `${gate} (${build?.status ?? 'it has not run'})`).join(', ');
    throw new Error(`Nothing is signed before all gates have passed, and these have not: ${list}.`);
  }
  return new Map(latest.map(([gate, build]) => [gate, build as RecordedBuild]));
}

/**
 * Refuses an image that is another than the execution's own build has exported.
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
 * The build that has made an image: it was at work for this revision when the image was pushed, and says that the image was
 * not there before. A build of another revision may push under any tag, and its credentials outlive it. So neither the tag
 * nor the time alone proves that an image is this revision's: a build that found the image there has not made it.
 *
 * @param builds of the image, of all executions of the revision
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
      ? `while ${atWork.map(({ id }) => id).join(', ')} was at work, which does not say that it has made it: it found it there, or it has failed after it had pushed`
      : 'when no build of this commit was at work: another build has pushed it under this tag';
  throw new Error(
    `${name} was pushed at ${pushedAt.toISOString()}, ${why}. Nothing of it is signed. Find out which one has pushed it (CloudTrail: PutImage), and push another commit.`,
  );
}
