import * as contracts from '@packages/contracts';
import {
  type ContainerName,
  containers,
  directorySettingsPropertiesSchema,
  directoryUserPropertiesSchema,
  directoryUserRotationSchema,
  domainMembershipPropertiesSchema,
  integrationTestEnvironmentSchema,
  integrationTestHookSchema,
  ownPasswordRotationSchema,
  passwordRotatedDetailSchema,
  passwordRotatedEvent,
  pinnedSchema,
  serviceEnvironmentSchema,
  sidecarFolders,
  sqlDatabasePropertiesSchema,
  sqlLoginPropertiesSchema,
  ticketMetrics,
  userOf,
} from '@packages/contracts';
import * as z from 'zod/mini';
import { all, objectsIn, resources, type SynthesizedTemplate } from './template.ts';

type Shape = Parameters<typeof z.strictObject>[0];
type Schema = { readonly shape: NonNullable<Shape> };

/** The schema for a container's environment is named after the container. */
function schemaOf(container: ContainerName | 'doctor'): Schema {
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: a test is not bundled.
  return contracts[`${container}EnvironmentSchema` as const];
}
function hasSchema(name: string): name is ContainerName | 'doctor' {
  return name in containers || name === 'doctor';
}

const customResourceSchemas: Readonly<Record<string, Schema>> = {
  'Custom::DirectorySettings': directorySettingsPropertiesSchema,
  'Custom::DirectoryUser': directoryUserPropertiesSchema,
  'Custom::DomainMembership': domainMembershipPropertiesSchema,
  'Custom::SqlDatabase': sqlDatabasePropertiesSchema,
  'Custom::SqlLogin': sqlLoginPropertiesSchema,
};
/** Custom resources of the CDK, which implements both ends itself. */
const customResourcesOfCdk = ['Custom::AWS', 'Custom::VpcRestrictDefaultSG'];
const functionSchemas: readonly Schema[] = [
  directoryUserRotationSchema,
  ownPasswordRotationSchema,
  integrationTestHookSchema,
  pinnedSchema,
];
const projectSchemas: readonly Schema[] = [integrationTestEnvironmentSchema];
const mayBeSent = JSON.stringify({ StringEquals: { 'events:source': passwordRotatedEvent.source } });
const metricNames: readonly string[] = [...ticketMetrics.counters, ...ticketMetrics.gauges];

/** Stand-ins for values that CloudFormation resolves: text in each form that a schema requires. */
const resolved = [
  'music-db.corp.example.com',
  'arn:aws:secretsmanager:eu-central-1:222222222222:secret:user-AbCdEf',
  'db-user=arn:aws:secretsmanager:eu-central-1:222222222222:secret:user-AbCdEf',
  'd-0123456789',
  'https://music.example.com',
  '1433',
  'MSSQLSvc/music-db.corp.example.com:1433',
];

/**
 * Finds places where the templates of an environment write something that the receiving program does not read, or reads
 * in another form, or where they omit something it needs. The comparison is strict: a key that no program reads is a
 * problem.
 */
export function contractProblems(templates: readonly SynthesizedTemplate[]): string[] {
  return templates.flatMap((template) => [
    ...taskProblems(template),
    ...customResourceProblems(template),
    ...variablesProblems(template),
    ...eventProblems(template),
    ...senderProblems(template),
    ...metricProblems(template, templates),
  ]);
}

function taskProblems(template: SynthesizedTemplate): string[] {
  return all(template, 'AWS::ECS::TaskDefinition').flatMap(({ Family, ContainerDefinitions }) =>
    ContainerDefinitions.flatMap((container: Record<string, never[]> & { Name: string; User: string }) => {
      const { Name, User, Environment = [], Secrets = [], MountPoints = [] } = container;
      // Another service runs as web's user and has its own variables in addition to the common ones.
      const further = Family.endsWith(`-${Name}`) && !hasSchema(Name);
      if (!hasSchema(Name) && !further) return [`container ${Name} has no contract`];
      const name = hasSchema(Name) ? Name : 'web';
      // The doctor is the sidecar's program and differs from the sidecar only in its command.
      const user = userOf(name === 'doctor' ? 'sidecar' : name);
      const values = Object.fromEntries([
        ...Environment.map(({ Name, Value }) => [Name, Value]),
        ...Secrets.map(({ Name }) => [Name, '{}']),
      ]);
      const folders: readonly string[] = Object.values(sidecarFolders);
      return [
        ...(further
          ? problems(`environment of ${Name}`, common(values), [serviceEnvironmentSchema])
          : problems(`environment of ${Name}`, values, [schemaOf(name)])),
        ...(User === user ? [] : [`${Name} runs as ${User}, not as ${user}`]),
        ...MountPoints.filter(({ ContainerPath }) => !folders.includes(ContainerPath)).map(
          ({ ContainerPath }) => `${Name} mounts ${ContainerPath}, which the sidecar does not know`,
        ),
      ];
    }),
  );
}

/** The variables that every service has; the others belong to the service itself. */
function common(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => name in serviceEnvironmentSchema.shape),
  );
}

function customResourceProblems(template: SynthesizedTemplate): string[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type.startsWith('Custom::') && !customResourcesOfCdk.includes(Type))
    .flatMap(({ Type, Properties }) => {
      const schema = customResourceSchemas[Type];
      const { ServiceToken, ServiceTimeout, ...properties } = Properties;
      return schema ? problems(Type, properties, [schema]) : [`${Type} has no contract`];
    });
}

function variablesProblems(template: SynthesizedTemplate): string[] {
  const functions = all(template, 'AWS::Lambda::Function')
    // A function of the CDK sets its own variables.
    .filter(
      ({ Environment, Description }) => Environment && !/^(AWS CDK|Lambda function)/.test(Description ?? ''),
    )
    .flatMap(({ Description, Environment }) =>
      problems(`variables of "${Description}"`, Environment.Variables, functionSchemas),
    );
  const projects = all(template, 'AWS::CodeBuild::Project').flatMap(({ Name, Environment }) => {
    const variables = Environment.EnvironmentVariables ?? [];
    const values = variables.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]);
    return problems(`variables of the project ${Name}`, Object.fromEntries(values), projectSchemas);
  });
  return [...functions, ...projects];
}

function eventProblems(template: SynthesizedTemplate): string[] {
  return resources(template, 'AWS::Events::Rule')
    .filter(([, { Properties }]) => Properties.EventPattern)
    .flatMap(([id, { Properties }]) => {
      const { source = [], 'detail-type': type = [], detail = {}, ...rest } = Properties.EventPattern;
      const known = Object.keys(passwordRotatedDetailSchema.shape);
      return source[0] === passwordRotatedEvent.source &&
        type[0] === passwordRotatedEvent.detailType &&
        Object.keys(rest).length === 0 &&
        Object.keys(detail).every((key) => known.includes(key))
        ? []
        : [`the rule ${id} waits for an event that nobody sends`];
    });
}

/** Checks that a function may send only that event. */
function senderProblems(template: SynthesizedTemplate): string[] {
  return [...objectsIn(template)]
    .filter(({ Action }) => Action === 'events:PutEvents')
    .filter(({ Condition }) => JSON.stringify(Condition) !== mayBeSent)
    .map(({ Condition }) => `the event may not be sent: ${JSON.stringify(Condition)}`);
}

function metricProblems(template: SynthesizedTemplate, templates: readonly SynthesizedTemplate[]): string[] {
  const services = templates
    .flatMap((any) => all(any, 'AWS::ECS::TaskDefinition'))
    .flatMap(({ ContainerDefinitions }) => ContainerDefinitions)
    .flatMap(({ Environment = [] }) => Environment)
    .filter(({ Name }) => Name === 'SERVICE_NAME')
    .map(({ Value }) => Value);
  const alarmed = [...objectsIn(template)].flatMap(({ Namespace, MetricName, Dimensions }) =>
    isOurs(Namespace)
      ? [
          {
            namespace: Namespace,
            name: MetricName,
            dimensions: Dimensions as { Name: string; Value: string }[],
          },
        ]
      : [],
  );
  // A metric that the template extracts from a log.
  const counted = all(template, 'AWS::Logs::MetricFilter')
    .flatMap(({ MetricTransformations }) => MetricTransformations)
    .map(({ MetricNamespace, MetricName }) => `${MetricNamespace}/${MetricName}`);
  return alarmed
    .filter(({ namespace, name }) => !counted.includes(`${namespace}/${name}`))
    .filter(
      ({ namespace, name, dimensions }) =>
        namespace !== ticketMetrics.namespace ||
        !metricNames.includes(String(name)) ||
        dimensions.length !== 1 ||
        dimensions[0]?.Name !== ticketMetrics.dimension ||
        !services.includes(dimensions[0].Value),
    )
    .map(({ name, dimensions }) => `no sidecar sends ${name} with ${JSON.stringify(dimensions)}`);
}

/** All namespaces except those of AWS must belong to the sidecars. */
function isOurs(namespace: unknown): boolean {
  return typeof namespace === 'string' && !namespace.startsWith('AWS/') && !namespace.startsWith('ECS/');
}

/** @returns an empty list if one of the schemas accepts the values, with references resolved to suitable text */
function problems(
  what: string,
  values: Readonly<Record<string, unknown>>,
  schemas: readonly Schema[],
): string[] {
  const found = schemas.map((schema) => {
    const strict = z.strictObject(schema.shape);
    const complete = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        typeof value === 'object' && value !== null && !Array.isArray(value) && isReference(value)
          ? fitting(schema.shape[key], value)
          : value,
      ]),
    );
    return (
      strict
        .safeParse(complete)
        .error?.issues.map(({ path, message }) => `${what}: ${path.join('.')} ${message}`) ?? []
    );
  });
  return found.some((list) => list.length === 0) ? [] : (found[0] ?? []);
}

function isReference(value: object): boolean {
  const [key = '', ...others] = Object.keys(value);
  return others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
}

function fitting(schema: NonNullable<Shape>[string] | undefined, value: unknown): unknown {
  return resolved.find((text) => schema && z.safeParse(schema, text).success) ?? value;
}
