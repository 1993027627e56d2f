import type * as z from 'zod';

/** Seconds. */
const limit = 30;

/**
 * Asks a service on the internet for JSON.
 *
 * @param what it tells, for errors
 * @throws Error a sentence when it does not answer, or something else
 */
export async function readJson<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  what: string,
  request: RequestInit = {},
): Promise<z.output<Schema>> {
  let said: string;
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(limit * 1000) });
    if (response.ok) {
      const result = schema.safeParse(await response.json());
      if (result.success) return result.data;
      said = 'it has another form than is known here';
    } else said = `HTTP ${response.status}`;
  } catch (error) {
    said = `${(error as Error).message}${causeOf(error as Error)}`;
  }
  throw new Error(
    `${new URL(url).host} does not tell ${what}: ${said}. What is not known is no pass: try again.`,
  );
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? ` (${cause.message})` : '';
}
