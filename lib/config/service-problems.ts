import type * as z from 'zod';
import type { CheckedEnvironment } from './environment.ts';
import { missingSecret, type Problem } from './environment-problems.ts';
import { fargateMemory } from './fargate-sizes.ts';
import { partsOf } from './given-image.ts';
import { givenImages } from './images.ts';
import { routeProblems } from './route-problems.ts';
import {
  furtherServices,
  inEnvironment,
  placeOf,
  rightServices,
  type services,
  settingsOf,
} from './services.ts';
import { userProblems } from './user.ts';

interface Checked {
  readonly domain?: { readonly name: string } | undefined;
  readonly services: z.output<typeof services>;
  readonly environments: readonly CheckedEnvironment[];
}

/** Contradictions between the further services, and with web and the environments. */
export function serviceProblems(deployment: Checked): Problem[] {
  return [
    ...variablesTwice(deployment),
    ...imagesInWords(deployment),
    ...deployment.environments.flatMap((environment, index) => [
      ...users(deployment, environment, index),
      ...overrideProblems(deployment, environment, index),
      ...environmentProblems(deployment, environment, index),
      ...imageElsewhere(deployment, environment, index),
      ...routeProblems(deployment, withDomain(deployment, environment), (name, key) =>
        placeOf(environment, index, name, key),
      ),
    ]),
  ];
}

/** Load balancers cannot have names in the environment's domain, so the checks need to know it. */
function withDomain({ domain }: Checked, environment: CheckedEnvironment): CheckedEnvironment {
  return { ...environment, domain: environment.domain ?? domain };
}

/**
 * Users that we cannot create in this directory, and given secrets that contradict the environment; the same checks as
 * for web.
 */
function users(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const right = rightServices(deployment, environment);
  return furtherServices(deployment, environment).flatMap(({ name }) => {
    // If an environment's override is invalid, only what the override itself says about the user is known.
    const user =
      right.find((service) => service.name === name)?.user ?? settingsOf(environment.services[name]?.user);
    return [
      ...userProblems(user, environment, placeOf(environment, index, name, 'user')),
      // A secret belongs to one environment.
      ...missingSecret(user, environment, ['environments', index, 'services', name, 'user']),
    ];
  });
}

/** ECS rejects duplicate names, whether they come from the deployment or from an environment's override. */
function variablesTwice(deployment: Checked): Problem[] {
  const twice = ({ variables, secrets }: { readonly variables: object; readonly secrets: object }) =>
    Object.keys(secrets).filter((variable) => variable in variables);
  const all = Object.entries(deployment.services).flatMap(([name, service]) =>
    twice(service).map((variable) => ({
      path: ['services', name, 'secrets', variable],
      input: service.secrets[variable],
      message: 'left out: variables has it, too',
    })),
  );
  const inEnvironments = deployment.environments.flatMap((environment, index) =>
    rightServices(deployment, environment).flatMap((service) => {
      const { variables, secrets } = environment.services[service.name] ?? {};
      if (!variables && !secrets) return [];
      const [key, other] = secrets
        ? (['secrets', 'variables'] as const)
        : (['variables', 'secrets'] as const);
      return twice(service).map((variable) => ({
        path: ['environments', index, 'services', service.name, key, variable],
        input: service[key][variable],
        message: `left out: ${other} has it, too`,
      }));
    }),
  );
  return [...all, ...inEnvironments];
}

/** Overrides for services that do not exist, or of keys that their kind does not have. */
function overrideProblems({ services }: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const overrides = environment.services;
  return Object.entries(overrides).flatMap(([name, override]): Problem[] => {
    const path = ['environments', index, 'services', name];
    const service = Object.hasOwn(services, name) ? services[name] : undefined;
    if (!service) {
      // The name must be exact: it is also the name of the service's folder, image and task.
      const message =
        name === 'web'
          ? 'in `service` of the environment, which is about web'
          : `about a service that exists: ${Object.keys(services).join(', ') || 'services has none'}`;
      return [{ path, input: override, message }];
    }
    if (override.image && !service.image) {
      const message = 'left out: the image of the service is built here, in all environments';
      return [{ path: [...path, 'image'], input: override.image, message }];
    }
    const { error } = inEnvironment(service, override);
    // Problems of the service itself are reported there, and only once.
    const ofService = (inEnvironment(service).error?.issues ?? []).map(({ path }) => path.join('.'));
    const issues = (error?.issues ?? []).filter(
      ({ path: [key = ''], path: place }) => key in override || !ofService.includes(place.join('.')),
    );
    return issues.map((issue: z.core.$ZodIssue) => ({
      path: [...path, ...issue.path.map(String)],
      input: issue.code === 'unrecognized_keys' ? override : issue.input,
      message:
        issue.code === 'unrecognized_keys'
          ? `without ${issue.keys.join(', ')}: the service ${name} is a ${service.kind}`
          : issue.message,
    }));
  });
}

/** Characters. The URIs of the given images must fit into one CodeBuild variable. */
const imagesLimit = 4000;

function imagesInWords(deployment: Checked): Problem[] {
  const uris = new Set(
    deployment.environments.flatMap((environment) => givenImages(deployment, environment)),
  );
  const { length } = [...uris].join(' ');
  if (length <= imagesLimit) return [];
  const message = `with fewer given images, or shorter names of their repositories: those of all environments have ${length} characters, and builds can get at most ${imagesLimit}`;
  return [{ path: ['services'], input: Object.keys(deployment.services), message }];
}

/** Tasks reach only the registry of their own region. */
function imageElsewhere(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  return rightServices(deployment, environment).flatMap(({ name, image }) => {
    if (!image || partsOf(image).region === environment.region) return [];
    const message = `an image in the region ${environment.region} of ${environment.name}, because its tasks reach only the registry of that region: copy it there`;
    return [{ path: [...placeOf(environment, index, name, 'image'), 'uri'], input: image.uri, message }];
  });
}

function environmentProblems(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const further = rightServices(deployment, environment);
  const passwords = [environment, ...further].map(({ user }) => user?.secretArn);
  return further.flatMap(({ name, cpu, memoryMiB, secrets }) => {
    const sizes = fargateMemory(cpu);
    const ofEnvironment = `:${environment.region}:${environment.account}:`;
    return [
      ...(sizes.includes(memoryMiB)
        ? []
        : [
            {
              path: placeOf(environment, index, name, 'memoryMiB'),
              input: memoryMiB,
              message: `a size that Fargate pairs with cpu ${cpu}: ${sizes.join(', ')}`,
            },
          ]),
      ...Object.entries(secrets)
        .filter(([, arn]) => !arn.includes(ofEnvironment))
        .map(([variable, arn]) => ({
          path: [...placeOf(environment, index, name, 'secrets'), variable],
          input: arn,
          message: `a secret in the region ${environment.region} and the account ${environment.account} of ${environment.name}`,
        })),
      ...Object.entries(secrets)
        .filter(([, arn]) => passwords.includes(arn))
        .map(([variable, arn]) => ({
          path: [...placeOf(environment, index, name, 'secrets'), variable],
          input: arn,
          message: 'another secret than that of a directory user, whose password is only for the sidecar',
        })),
    ];
  });
}
