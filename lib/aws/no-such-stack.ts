/**
 * Whether CloudFormation says that there is no stack of a name. It has no error of its own for that, so its text decides; what
 * is said in other words is not taken for it, since a stack that seems not to be there is made, or passes for new.
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
