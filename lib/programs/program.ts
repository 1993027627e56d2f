import * as z from 'zod';
import { explainAwsError } from '../aws/errors.ts';

/**
 * Runs one of the pipeline's programs: an error becomes a sentence on standard error and exit code 1. Standard output
 * is for the one value that the buildspec takes from it.
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
 * Reads the environment variables that tell a program its work.
 *
 * @throws Error one sentence for each variable that is missing or wrong
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

/** Words with blanks between them; none when the variable is not set. */
export const words = z
  .string()
  .default('')
  .transform((text) => text.split(' ').filter((word) => word !== ''));

/** Progress, for people; standard output stays clean. */
export function progress(line: string): void {
  console.error(line);
}
