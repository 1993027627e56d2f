import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  ContainerImage,
  FargateTaskDefinition,
  type FargateTaskDefinitionProps,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { KerberosSidecar, type KerberosSidecarProps, type ServeOptions } from '../src/index.ts';

export const userArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-user-AbCdEf';

export function exampleStack(): Stack {
  // The check against CloudFormation's schemas would take seconds and, without feature flags, only warn. The templates
  // of this repository, which include the sidecar, are checked with errors.
  return new Stack(new App({ builtinCloudFormationValidation: false }), 'Stack', {
    env: { account: '111122223333', region: 'eu-central-1' },
  });
}

export function exampleTask(stack = exampleStack(), props: FargateTaskDefinitionProps = {}) {
  return new FargateTaskDefinition(stack, 'Task', { memoryLimitMiB: 1024, ...props });
}

/** A sidecar with few properties. Uses an existing image, so that no image is built. */
export function exampleSidecar(
  stack: Stack,
  props: Partial<Omit<KerberosSidecarProps, 'user'>> & { user?: ISecret } = {},
): KerberosSidecar {
  return new KerberosSidecar({
    domain: 'corp.example.com',
    user: props.user ?? Secret.fromSecretCompleteArn(stack, 'User', userArn),
    sqlServer: { host: 'sql01.corp.example.com' },
    image: ContainerImage.fromRegistry('registry.example.com/sidecar'),
    ...props,
  });
}

export function addApplication(task: TaskDefinition, id = 'web', options: { user?: string } = {}) {
  return task.addContainer(id, { image: ContainerImage.fromRegistry('python'), ...options });
}

// biome-ignore lint/suspicious/noExplicitAny: a container as the template has it
type Properties = any;

/** The containers of the only task definition, by name. @throws Error with the messages of a failed validation */
export function containersOf(stack: Stack): Record<string, Properties> {
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
  return Object.fromEntries(
    found?.Properties.ContainerDefinitions.map((container: { Name: string }) => [container.Name, container]),
  );
}

/** A task with a sidecar that serves its only other container. */
export function servedTask(props: Parameters<typeof exampleSidecar>[1] = {}, options: ServeOptions = {}) {
  const stack = exampleStack();
  const task = exampleTask(stack);
  const kerberos = exampleSidecar(stack, props);
  const web = addApplication(task);
  task.addExtension(kerberos);
  kerberos.serve(web, options);
  return { stack, task, kerberos, web };
}
