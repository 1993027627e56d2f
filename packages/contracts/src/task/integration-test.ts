import * as z from 'zod/mini';
import { oneOf, text, whole, withDefault } from '../environment.ts';

const askedServiceSchema = z.strictObject({
  name: z.string(),
  /** Where its health is asked for. */
  url: z.string(),
  /** The name that is asked for, where it is another one than that of the load balancer. */
  host: z.optional(z.string()),
});

/** A service that the integration test asks for its health. */
export type AskedService = z.output<typeof askedServiceSchema>;

const allowedServices =
  'a list of services as JSON, such as [{"name":"reports","url":"https://reports.example.com/healthz"}]';
const askedServices = z.pipe(
  z.string(allowedServices),
  z.pipe(z.transform(parsed), z.array(askedServiceSchema, allowedServices)),
);

function parsed(json: string): unknown {
  try {
    const read = z.array(askedServiceSchema).safeParse(JSON.parse(json));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** The one setting of the test that operators may give. */
export const onlyService = 'ONLY_SERVICE';

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
  /** The further services that have a way of their own through a load balancer, as JSON: a list of `AskedService`. */
  ASKED_SERVICES: withDefault(askedServices, []),
  /** Set where the new tasks of web are tested before they get traffic: other services may not be there yet. */
  DEPLOYMENT: z.optional(text(/^.+$/, 'the name of a deployment')),
  /** The one service that is tested, by its name; default: web, and those of `ASKED_SERVICES`. */
  [onlyService]: z.optional(text(/^[a-z][a-z0-9-]*$/, 'the name of a service')),
  /** Where the JUnit report goes. */
  REPORT_FILE: withDefault(text(/^.+$/, 'the path of a file'), '.state/reports/integration.xml'),
});

export type IntegrationTestEnvironment = z.input<typeof integrationTestEnvironmentSchema>;
