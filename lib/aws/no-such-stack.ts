/**
 * Whether CloudFormation reports that a stack does not exist. There is no error code for that, so the message decides.
 * Only this exact wording counts: a stack wrongly taken for missing would be created, or treated as new.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export function saysNoSuchStack(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ValidationError' &&
    /^Stack (with id )?\S+ does not exist\.?$/.test(error.message)
  );
}
