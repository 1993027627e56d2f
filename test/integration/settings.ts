// A relative import, because the test also runs where the workspace's packages are not linked.
import { ConfigurationError, readEnvironment } from '../../packages/contracts/src/environment.ts';
import {
  type AskedService,
  integrationTestEnvironmentSchema,
  onlyService,
} from '../../packages/contracts/src/task/integration-test.ts';

/** What the test must find, and where. */
export interface Settings {
  readonly serviceUrl: string;
  readonly login: string;
  readonly scheme: string;
  /** Minimum number of tasks that the load balancer must be seen to use. */
  readonly tasks: number;
  /** How long the service may take to become ready. */
  readonly readySeconds: number;
  /** Whether web is tested. */
  readonly web: boolean;
  /** The other services whose health is tested. */
  readonly services: readonly AskedService[];
  /** Where to write the JUnit report. */
  readonly reportFile: string;
}

/**
 * Reads the test's settings from the environment.
 *
 * @throws ConfigurationError with one sentence per wrong value
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const settings = readEnvironment(integrationTestEnvironmentSchema, env);
  const { [onlyService]: only, ASKED_SERVICES: known } = settings;
  // While a deployment of web is in progress, the other services may not exist yet.
  const asked = settings.DEPLOYMENT === undefined ? known : [];
  const services = only === undefined ? asked : known.filter(({ name }) => name === only);
  const web = only === undefined || only === 'web';
  if (!web && services.length === 0) {
    const names = ['web', ...known.map(({ name }) => name)].join(', ');
    throw new ConfigurationError([
      `${onlyService} is "${only}", but what is deployed answers requests as ${names}: deploy it first.`,
    ]);
  }
  return {
    serviceUrl: settings.SERVICE_URL.replace(/\/+$/, ''),
    login: settings.EXPECTED_LOGIN,
    scheme: settings.EXPECTED_SCHEME,
    tasks: settings.EXPECTED_TASKS,
    readySeconds: settings.READY_SECONDS,
    web,
    services,
    reportFile: settings.REPORT_FILE,
  };
}
