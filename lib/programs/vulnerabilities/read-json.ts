import type * as z from 'zod';

/** Seconds to wait for a response. */
const limit = 30;

/**
 * Fetches JSON from a service on the internet.
 *
 * @param what describes the content, for errors
 * @throws Error when the service does not answer, or the answer does not match the schema
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
      said = 'the answer has an unknown format';
    } else said = `HTTP ${response.status}`;
  } catch (error) {
    said = `${(error as Error).message}${causeOf(error as Error)}`;
  }
  throw new Error(
    `${new URL(url).host} did not return ${what}: ${said}. Without them the check does not pass: try again.`,
  );
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? ` (${cause.message})` : '';
}
