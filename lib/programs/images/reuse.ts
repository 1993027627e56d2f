import type { StatedImage } from '../../aws/provenance/statement.ts';

/**
 * How many hours old an image may be for a commit to reuse it. An older one is rebuilt although its inputs have not changed,
 * so that Debian updates arrive with the first commit of each day. ECR, too, scans an image at most once a day.
 */
const reuseHours = 24;

/** The image that a commit wants to reuse. */
export interface WantedImage {
  /** The key of the commit's inputs for the image. */
  readonly inputs: string;
  /** When the commit's build looked for an image. */
  readonly at: Date;
}

/**
 * Decides whether a commit may reuse an image that was built from another commit. The caller must have verified the signed
 * statement.
 *
 * @returns the reason why not, as the end of a sentence; undefined when it may
 */
export function reasonAgainst(stated: StatedImage, { inputs, at }: WantedImage): string | undefined {
  if (stated.inputs !== inputs) {
    return `it was made from other inputs: their key is ${stated.inputs ?? 'not known'}, and here it is ${inputs}`;
  }
  const hours = (at.getTime() - new Date(stated.startedOn).getTime()) / 3_600_000;
  if (!(hours <= reuseHours)) {
    return `its build began on ${stated.startedOn}, more than ${reuseHours} hours before, and Debian updates are due`;
  }
  return undefined;
}
