import * as z from 'zod/mini';
import { oneOf, text, whole, withDefault } from '../environment.ts';

/** The environment of the integration test. */
export const integrationTestEnvironmentSchema = z.object({
  SERVICE_URL: text(
    /^https?:\/\/[^\s/]+\/*$/,
    'the load balancer\'s address, such as "http://127.0.0.1:8080"',
  ),
  EXPECTED_LOGIN: text(/^.+$/, 'a login such as "CORP\\db-user"'),
  EXPECTED_SCHEME: withDefault(oneOf('KERBEROS', 'NTLM', 'SQL'), 'KERBEROS'),
  /** How many tasks the load balancer must be seen to use, at least. */
  EXPECTED_TASKS: withDefault(whole(1, 100), 1),
  /** How long the service may take to be ready. */
  READY_SECONDS: withDefault(whole(1, 3600), 120),
  /** Where the JUnit report goes. */
  REPORT_FILE: withDefault(text(/^.+$/, 'the path of a file'), '.state/reports/integration.xml'),
});

export type IntegrationTestEnvironment = z.input<typeof integrationTestEnvironmentSchema>;
