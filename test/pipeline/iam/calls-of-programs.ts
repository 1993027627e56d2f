import { buildSync } from 'esbuild';

/** The modules of our programs that use roles of an environment. */
const modules = {
  'directory-settings': 'services/provisioning/src/handlers/directory-settings.ts',
  'directory-user': 'services/provisioning/src/handlers/directory-user.ts',
  'directory-user-rotation': 'services/provisioning/src/handlers/directory-user-rotation.ts',
  'domain-membership': 'services/provisioning/src/handlers/domain-membership.ts',
  'own-password-rotation': 'services/provisioning/src/handlers/own-password-rotation.ts',
  'sql-database': 'services/provisioning/src/handlers/sql-database.ts',
  'sql-login': 'services/provisioning/src/handlers/sql-login.ts',
  'integration-test-hook': 'lib/constructs/service/blue-green/integration-test-hook.handler.ts',
  'run-integration-test': 'lib/programs/run-integration-test.ts',
  sidecar: 'services/sidecar/src/main.ts',
};
export type Program = keyof typeof modules;

/** IAM's service names, by the package of the SDK. */
const services: Readonly<Record<string, string>> = {
  cloudformation: 'cloudformation',
  'cloudwatch-logs': 'logs',
  codebuild: 'codebuild',
  codepipeline: 'codepipeline',
  'directory-service': 'ds',
  'directory-service-data': 'ds-data',
  eventbridge: 'events',
  rds: 'rds',
  'secrets-manager': 'secretsmanager',
  sts: 'sts',
};

/** The AWS calls of each program by IAM's names, derived from the SDK commands that its bundle creates. */
export function callsOfPrograms(): Record<Program, readonly string[]> {
  const { outputFiles } = buildSync({
    entryPoints: modules,
    outdir: '/nowhere',
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*', '@aws-crypto/*', '@smithy/*', 'tedious', 'zod', 'pino'],
    loader: { '.sql': 'empty' },
    logLevel: 'error',
  });
  return Object.fromEntries(
    outputFiles.map(({ path, text }) => [path.replace(/^.*\/|\.js$/g, ''), callsIn(text)]),
  ) as unknown as Record<Program, readonly string[]>;
}

function callsIn(bundle: string): string[] {
  const clients = [...bundle.matchAll(/import\s*\{([^}]*)\}\s*from\s*"@aws-sdk\/client-([\w-]+)"/g)];
  const commands = clients.flatMap(([, names = '', client = '']) =>
    [...names.matchAll(/\b(\w+)Command(?: as (\w+))?\b/g)]
      .filter(([, name, alias]) => isReached(bundle, `new ${alias ?? `${name}Command`}(`))
      .map(([, name]) => {
        const service = services[client];
        if (!service)
          throw new Error(`test/pipeline/iam/calls-of-programs.ts does not know how IAM names ${client}.`);
        return `${service}:${name}`;
      }),
  );
  // These calls are made as JSON requests without the SDK, which is large.
  const users = ['CreateUser', 'DeleteUser', 'DescribeUser', 'UpdateUser'].filter((name) =>
    isReached(bundle, `users("${name}"`),
  );
  return [
    ...new Set([
      ...commands,
      ...users.flatMap((name) => ['ds:AccessDSData', `ds-data:${name}`]),
      ...(bundle.includes('"AWSEvents.PutEvents"') ? ['events:PutEvents'] : []),
    ]),
  ];
}

const header = /^\s*(?:async )?(function )?(?!if|for|while|switch|catch)(\w+)\([^>]*\) \{$/;

/** Whether a text is outside any function, or in a function or method that the bundle calls. */
function isReached(bundle: string, text: string): boolean {
  return [...places(bundle, text)].some((place) => {
    const line = bundle
      .slice(0, place)
      .split('\n')
      .findLast((each) => header.test(each));
    const [, isFunction, name] = line?.match(header) ?? [];
    if (name === undefined) return true;
    return isFunction ? [...places(bundle, `${name}(`)].length > 1 : bundle.includes(`.${name}(`);
  });
}

function* places(bundle: string, text: string): Generator<number> {
  for (let place = bundle.indexOf(text); place >= 0; place = bundle.indexOf(text, place + 1)) yield place;
}
