/**
 * Whether CloudFormation says that there is no stack of a name. It has no error code of its own for that, so the text
 * decides. Only this exact text counts: a stack that wrongly seemed missing would be created, or taken for new.
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
