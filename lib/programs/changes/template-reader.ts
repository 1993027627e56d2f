import * as z from 'zod';
import { readVariables } from '../program.ts';

/** @returns the ARN of the role that may read deployed templates, from the action's variables */
export function templateReader(): string {
  const arn = z.string('it must be the ARN of a role.').startsWith('arn:', 'it must be the ARN of a role.');
  return readVariables({ TEMPLATE_READER_ARN: arn }).TEMPLATE_READER_ARN;
}
