import { containerNames, serviceEnvironmentSchema } from '@packages/contracts';
import * as z from 'zod';
import type { CheckedEnvironment } from './environment.ts';
import { asWritten, section, text, wholeNumber } from './fields.ts';
import { givenImage } from './given-image.ts';
import { loadBalancer } from './load-balancer.ts';
import { healthPath, type Route, route } from './route.ts';
import { schedule, timeZone } from './schedule.ts';
import { task, taskKeys } from './task.ts';
import {
  completeSecretArn,
  serviceRotationDays,
  serviceUser,
  type User,
  type UserSettings,
  userFrom,
} from './user.ts';
import { databaseRoles } from './user-roles.ts';

/** Of the variables that every service reads, those that the configuration may set. */
const settable = ['LOG_LEVEL', 'CONNECT_TIMEOUT_SECONDS', 'QUERY_TIMEOUT_SECONDS'];

/** Variables that the stack sets, or that have a meaning to ECS, the driver or the sidecar. */
export const ownVariables: readonly string[] = Object.keys(serviceEnvironmentSchema.shape).filter(
  (name) => !settable.includes(name),
);

const variableName = text(
  /^[A-Z][A-Z0-9_]{0,63}$/,
  'named in 1 to 64 capitals, digits and underscores, a capital first',
).refine((name) => !ownVariables.includes(name) && !/^((AWS|ECS|NODE|LD)_|PATH$)/.test(name), {
  error: 'named otherwise: the task, or what runs it, uses variables of that name',
});

/** Bytes. */
const variablesLimit = 32_768;

/** Keys of every further service, without defaults; an environment may override them. */
const keys = {
  ...taskKeys,
  user: serviceUser,
  roles: databaseRoles,
  variables: z
    .record(
      variableName,
      text(/^[^\0]*$/, 'text')
        .max(2048, { error: 'at most 2048 characters', abort: true })
        .check(asWritten('text')),
      {
        error: 'an object of variables and their values',
      },
    )
    .refine((variables) => Buffer.byteLength(JSON.stringify(variables)) <= variablesLimit, {
      error: `an object of at most ${variablesLimit} bytes as JSON: a task definition has 64 KiB for everything`,
      abort: true,
    }),
  secrets: z.record(variableName, completeSecretArn, {
    error: 'an object of variables and the ARNs of their secrets',
  }),
};

/** An environment may override an image only if it is given. */
const imageKey = { image: givenImage };

const workerKeys = { tasks: wholeNumber(1, 100, 'tasks') };

const jobKeys = {
  schedule,
  timeZone,
  retries: wholeNumber(0, 10, 'retries'),
  timeoutMinutes: wholeNumber(1, 1440, 'minutes'),
};

const allowedPort = 'a port: a whole number from 1024 to 65535, since its user may open no lower one';

/** The number of tasks of a service behind a load balancer. */
const webTasks = {
  minimumTasks: wholeNumber(1, 100, 'tasks'),
  maximumTasks: wholeNumber(1, 200, 'tasks'),
};

const webKeys = {
  port: z
    .int({ error: allowedPort })
    .min(1024, { error: allowedPort, abort: true })
    .max(65_535, { error: allowedPort, abort: true }),
  healthPath,
  ...webTasks,
  route,
  loadBalancer,
};

const common = {
  user: keys.user
    .optional()
    .describe("Its directory user, created here or given. Default: the service's name and -user."),
  image: givenImage
    .optional()
    .describe(
      'An image that others built, by its digest. Default: built from the folder with the name of the service.',
    ),
  roles: keys.roles.default([]).describe("All of its database roles, which the database's scripts create."),
  ...task,
  variables: keys.variables.default({}),
  secrets: keys.secrets
    .default({})
    .describe(
      'Variables that ECS fills from secrets, which must be encrypted with the default key of Secrets Manager.',
    ),
};

const worker = section({
  kind: z.literal('worker'),
  ...common,
  tasks: workerKeys.tasks.default(1),
});

const job = section({
  kind: z.literal('job'),
  ...common,
  schedule: jobKeys.schedule,
  timeZone: jobKeys.timeZone.default('UTC'),
  retries: jobKeys.retries.default(2).describe('How often a failed run is repeated.'),
  timeoutMinutes: jobKeys.timeoutMinutes.default(60).describe('A run that takes longer is stopped.'),
});

const web = section({
  kind: z.literal('web'),
  ...common,
  port: webKeys.port
    .default(8080)
    .describe('The port on which its container listens, which it gets in PORT.'),
  healthPath: webKeys.healthPath
    .default('/healthz')
    .describe('The path at which the load balancer and the integration test check its health.'),
  minimumTasks: webTasks.minimumTasks.default(2),
  maximumTasks: webTasks.maximumTasks.default(6),
  route: route.optional().describe("The requests to the environment's load balancer that it gets."),
  loadBalancer: loadBalancer.optional().describe('A load balancer of its own, in place of a route.'),
});

const kinds = { worker, job, web } as const;
/** The image, and keys that only some kinds have. */
const ofKinds = { ...imageKey, ...workerKeys, ...jobKeys, ...webKeys };

/**
 * Other folders of services, folder names that git, image builds and tests do not treat as source, and a property that
 * every object has.
 */
const namesOfOthers: readonly string[] = [
  ...containerNames,
  'image',
  'provisioning',
  'dist',
  'test',
  'constructor',
];

/** The name of a further service, also used for its folder, repository, container and stack. */
const serviceName = text(
  /^(?=.{2,12}$)[a-z](-?[a-z0-9])*$/,
  'named by 2 to 12 lower-case letters, digits and single hyphens, a letter first',
).refine((name) => !namesOfOthers.includes(name) && !name.endsWith('-doctor'), {
  error:
    "named otherwise: the name belongs to another folder of services, to a folder without source, to the service of `service`, to a service's doctor, or to every JavaScript object",
});

/**
 * With this many services, however long their names, the settings of the pipeline's builds fit the limits: CodePipeline
 * allows 1000 characters in an action's setting, CodeBuild 4096 in a variable. `limits.test.ts` synthesizes them.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
 */
export const maximumServices = 10;

/** The further services; `service` and `loadBalancer` configure only web. */
export const services = z
  .record(
    serviceName,
    z.discriminatedUnion('kind', [worker, job, web], { error: 'a service of kind "worker", "job" or "web"' }),
    { error: 'an object of services by their names' },
  )
  .refine((value) => Object.keys(value).length <= maximumServices, {
    error: `an object of at most ${maximumServices} services: the names of more would not fit into the variables of the pipeline's builds`,
  })
  .default({});

/** An environment's overrides for them. */
export const serviceOverrides = z
  .record(
    z.string(),
    section(
      Object.fromEntries(
        Object.entries({ ...keys, ...ofKinds }).map(([key, schema]) => [key, schema.optional()]),
      ) as unknown as OptionalKeys<typeof keys & typeof ofKinds>,
    ),
    { error: 'an object of services by their names' },
  )
  .default({});

type OptionalKeys<Shape extends Record<string, z.ZodType>> = {
  [Key in keyof Shape]: z.ZodOptional<Shape[Key]>;
};

interface Named {
  readonly name: string;
  /** Its directory user. */
  readonly user: User;
}
/** A service that runs continuously and takes no requests. */
export type Worker = Named & Omit<z.output<typeof worker>, 'user'>;
/** A service that runs on a schedule and ends. */
export type Job = Named & Omit<z.output<typeof job>, 'user'>;
/** A further service that answers requests. */
export type FurtherWeb = Named & Omit<z.output<typeof web>, 'user'>;
export type FurtherService = Worker | Job | FurtherWeb;

/** @returns the result of checking a service with an environment's override, which takes precedence */
export function inEnvironment(
  service: { readonly kind: keyof typeof kinds; readonly user?: UserOfService },
  override: { readonly user?: UserOfService } = {},
) {
  // A route replaces a load balancer and vice versa. A user replaces the other user, except for its name.
  const replaced = {
    ...(service.kind === 'web' && 'loadBalancer' in override && { route: undefined }),
    ...(service.kind === 'web' && 'route' in override && { loadBalancer: undefined }),
  };
  const { name } = settingsOf(service.user);
  const user = typeof override.user === 'object' && { ...(name !== undefined && { name }), ...override.user };
  return kinds[service.kind].safeParse(
    { ...service, ...replaced, ...override, ...(user && { user }) },
    { reportInput: true },
  );
}

/** The further services in an environment, in the order of the configuration. */
export function furtherServices(
  deployment: { readonly services: z.output<typeof services> },
  environment: Pick<CheckedEnvironment, 'services' | 'directory' | 'user'>,
): FurtherService[] {
  return Object.entries(deployment.services).map(([name, service], index) => {
    const { data = service } = inEnvironment(service, environment.services[name]);
    const defaults = {
      name: `${name}-user`,
      adopt: false,
      rotationDays: serviceRotationDays(environment, index + 1),
    };
    return { ...data, name, user: userFrom(settingsOf(data.user), defaults) };
  });
}

/**
 * The services whose override in the environment is valid. For the others, {@link furtherServices} returns the
 * deployment's settings.
 */
export function rightServices(
  ...[deployment, environment]: Parameters<typeof furtherServices>
): FurtherService[] {
  return furtherServices(deployment, environment).filter(({ name }) => {
    const service = deployment.services[name];
    return service && inEnvironment(service, environment.services[name]).success;
  });
}

/** Where a key of a service was set: in the environment, or in the deployment. */
export function placeOf(
  { services }: { readonly services: z.output<typeof serviceOverrides> },
  index: number,
  name: string,
  key: string,
): (string | number)[] {
  const own = key in (services[name] ?? {});
  return [...(own ? ['environments', index] : []), 'services', name, key];
}

/** The number of tasks of a service that may run at the same time, apart from deployments. */
export function mostTasks(service: FurtherService): number {
  switch (service.kind) {
    case 'worker':
      return service.tasks;
    case 'job':
      return 1;
    case 'web':
      return service.maximumTasks;
  }
}

/** The further services that answer requests. */
export function webServices(...which: Parameters<typeof furtherServices>): FurtherWeb[] {
  return furtherServices(...which).filter((service) => service.kind === 'web');
}

/** The further services that get their requests from the environment's load balancer. */
export function routedServices(
  ...which: Parameters<typeof furtherServices>
): (FurtherWeb & { readonly route: Route })[] {
  return webServices(...which).flatMap((service) =>
    service.route ? [{ ...service, route: service.route }] : [],
  );
}

type UserOfService = string | UserSettings | undefined;

/** The settings of a service's user, for which the configuration may give just a name. */
export function settingsOf(user: UserOfService = {}): UserSettings {
  return typeof user === 'string' ? { name: user } : user;
}

/**
 * Whether each new password starts new tasks: the password is injected at the start of a task, and our own function
 * rotates it.
 */
export function redeploysOnRotation({
  credentialMode,
  user,
}: Pick<Worker, 'credentialMode'> & { readonly user: User }): boolean {
  return credentialMode !== 'fetched' && user.rotation !== 'none';
}
