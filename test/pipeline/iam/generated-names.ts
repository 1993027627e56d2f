import { createHash } from 'node:crypto';

/** The 12 unpredictable characters at the end of a name that CloudFormation generates. */
const random = (stack: string, logicalId: string) =>
  createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12);
const longestRoleName = 64;

/**
 * The name that CloudFormation gives to a role without a name in the template: stack, logical id, random characters. Names
 * that are too long are cut: stack and logical id get half of the room each, and one may use what the other leaves.
 *
 * @param half the shortest length to which a stack's name is cut; 24 and 25 have been observed
 */
export function generatedRoleName(stack: string, logicalId: string, half: 24 | 25): string {
  const room = 2 * half;
  const stackPart = stack.slice(0, Math.max(half, room - logicalId.length));
  const logicalPart = logicalId.slice(0, room - stackPart.length);
  return `${stackPart}-${logicalPart}-${random(stack, logicalId)}`.slice(0, longestRoleName);
}
