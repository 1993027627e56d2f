import type { StatedImage } from '../../aws/provenance/statement.ts';

/**
 * How many hours old an image may be that a commit takes over. An older one is built anew though nothing of it has changed,
 * so that updates of Debian arrive with the first commit of each day. ECR scans an image once a day at most, too.
 */
const reuseHours = 24;

/** What a commit needs, in place of an image of its own. */
export interface WantedImage {
  /** The key of what it makes the image of. */
  readonly inputs: string;
  /** When its build has looked for an image. */
  readonly at: Date;
}

/**
 * Whether a commit may take over an image that was built of another one. What is stated of it must have been verified.
 *
 * @returns the reason why not, as the end of a sentence; undefined when it may
 */
export function reasonAgainst(stated: StatedImage, { inputs, at }: WantedImage): string | undefined {
  if (stated.inputs !== inputs) {
    return `it was made of something else: the key of that is ${stated.inputs ?? 'not known'}, and here ${inputs}`;
  }
  const hours = (at.getTime() - new Date(stated.startedOn).getTime()) / 3_600_000;
  if (!(hours <= reuseHours)) {
    return `its build began on ${stated.startedOn}, more than ${reuseHours} hours before, and updates of Debian shall arrive`;
  }
  return undefined;
}
