import * as z from 'zod';
import { explainAwsError } from '../aws/errors.ts';

/**
 * Runs one of the pipeline's programs: explains an error on standard error, with exit code 1. Standard output is reserved
 * for the value that the buildspec reads.
 */
export async function runProgram(program: () => Promise<void>): Promise<void> {
  try {
    await program();
  } catch (error) {
    console.error(explainAwsError(error));
    process.exitCode = 1;
  }
}

/**
 * Reads a program's settings from environment variables.
 *
 * @throws Error naming each variable that is missing or invalid
 */
export function readVariables<Shape extends z.ZodRawShape>(shape: Shape): z.output<z.ZodObject<Shape>> {
  const result = z.object(shape).safeParse(process.env);
  if (result.success) return result.data;
  const sentences = result.error.issues.map(({ path: [name = ''], message }) => {
    const value = process.env[String(name)];
    return `${String(name)} ${value === undefined ? 'is not set' : `is ${JSON.stringify(value)}`}: ${message}`;
  });
  throw new Error(sentences.join('\n'));
}

/** Words separated by spaces; none if the variable is not set. */
export const words = z
  .string()
  .default('')
  .transform((text) => text.split(' ').filter((word) => word !== ''));

/** Logs progress on standard error, because standard output is reserved. */
export function progress(line: string): void {
  console.error(line);
}
