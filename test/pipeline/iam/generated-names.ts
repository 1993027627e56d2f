import { createHash } from 'node:crypto';

/** Names that CloudFormation makes end in so many characters that nobody knows beforehand. */
const random = (stack: string, logicalId: string) =>
  createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12);
const longestRoleName = 64;

/**
 * The name that CloudFormation gives to a role that a template does not name: stack, logical id, random characters. What
 * is too long is cut: each of the two may have half of the room, and what one leaves the other takes.
 *
 * @param half the shortest that a stack's name is cut to: 24 and 25 have been seen
 */
export function generatedRoleName(stack: string, logicalId: string, half: 24 | 25): string {
  const room = 2 * half;
  const stackPart = stack.slice(0, Math.max(half, room - logicalId.length));
  const logicalPart = logicalId.slice(0, room - stackPart.length);
  return `${stackPart}-${logicalPart}-${random(stack, logicalId)}`.slice(0, longestRoleName);
}
