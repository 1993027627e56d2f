import * as z from 'zod/mini';
import { oneOf, text, whole, withDefault } from '../environment.ts';

const askedServiceSchema = z.strictObject({
  name: z.string(),
  /** The address of its health check. */
  url: z.string(),
  /** The host name to request, if it differs from that of the load balancer. */
  host: z.optional(z.string()),
});

/** A service whose health the integration test checks. */
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

/** The one setting of the test that operators may set. */
export const onlyService = 'ONLY_SERVICE';

/** The environment of the integration test. */
export const integrationTestEnvironmentSchema = z.object({
  SERVICE_URL: text(
    /^https?:\/\/[^\s/]+\/*$/,
    'the load balancer\'s address, such as "http://127.0.0.1:8080"',
  ),
  EXPECTED_LOGIN: text(/^.+$/, 'a login such as "CORP\\db-user"'),
  EXPECTED_SCHEME: withDefault(oneOf('KERBEROS', 'NTLM', 'SQL'), 'KERBEROS'),
  /** Minimum number of tasks that the load balancer must be seen to use. */
  EXPECTED_TASKS: withDefault(whole(1, 100), 1),
  /** How long the service may take to become ready. */
  READY_SECONDS: withDefault(whole(1, 3600), 120),
  /** Other services that are reachable through a load balancer of their own, as JSON: a list of `AskedService`. */
  ASKED_SERVICES: withDefault(askedServices, []),
  /** Set if the new tasks of web are tested before they receive traffic, when other services may not exist yet. */
  DEPLOYMENT: z.optional(text(/^.+$/, 'the name of a deployment')),
  /** The only service to test, by name; default: web and those in `ASKED_SERVICES`. */
  [onlyService]: z.optional(text(/^[a-z][a-z0-9-]*$/, 'the name of a service')),
  /** Where to write the JUnit report. */
  REPORT_FILE: withDefault(text(/^.+$/, 'the path of a file'), '.state/reports/integration.xml'),
});

export type IntegrationTestEnvironment = z.input<typeof integrationTestEnvironmentSchema>;
