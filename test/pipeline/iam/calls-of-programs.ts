import { buildSync } from 'esbuild';

/** Programs of ours that roles of an environment are for, by their modules. */
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

/** IAM's names of the services, by the package of the SDK. */
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

/** The calls of AWS that each program has, as IAM names them: by the commands of the SDK that its bundle makes. */
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
  // Without the SDK, which is large: calls in JSON by the names of their targets.
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

/** Whether some text stands in a method or a function that is called anywhere in a bundle, or in none. */
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
