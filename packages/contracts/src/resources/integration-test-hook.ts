import * as z from 'zod/mini';

/** The variables of the function that tests the new tasks of a blue/green deployment. */
export const integrationTestHookSchema = z.object({
  /** The CodeBuild project that runs the integration test. */
  TEST_PROJECT: z.string().check(z.minLength(1)),
  /** The address of the new tasks before they receive traffic. */
  SERVICE_URL: z.string().check(z.minLength(1)),
});

export type IntegrationTestHookEnvironment = z.input<typeof integrationTestHookSchema>;
