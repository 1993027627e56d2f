import { Template } from 'aws-cdk-lib/assertions';
import { ContainerDependencyCondition, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import {
  addApplication,
  containersOf,
  exampleSidecar,
  exampleStack,
  exampleTask,
  servedTask,
  userArn,
} from './example-task.ts';

const image = ContainerImage.fromRegistry('agent');
const condition = ContainerDependencyCondition.START;

test('a sidecar that waits for a container it serves is refused, also indirectly', () => {
  const direct = servedTask();
  direct.kerberos.container.addContainerDependencies({ container: direct.web, condition });
  expect(() => containersOf(direct.stack)).toThrow(/in a circle \(web → kerberos → web\)/);

  const indirect = servedTask();
  const agent = indirect.task.addContainer('agent', { image, essential: false });
  agent.addContainerDependencies({ container: indirect.web, condition });
  indirect.kerberos.container.addContainerDependencies({ container: agent, condition });
  expect(() => containersOf(indirect.stack)).toThrow(/in a circle \(web → kerberos → agent → web\)/);
});

test('a sidecar may wait for an independent container; several containers may wait for it and for each other', () => {
  const { stack, task, kerberos, web } = servedTask();
  const proxy = task.addContainer('proxy', { image, essential: false });
  kerberos.container.addContainerDependencies({ container: proxy, condition });
  const last = addApplication(task, 'last');
  kerberos.serve(last);
  last.addContainerDependencies({ container: web, condition }, { container: proxy, condition });
  expect(Object.keys(containersOf(stack))).toHaveLength(4);
});

test('more containers than ECS allows are refused', () => {
  const { stack, task } = servedTask();
  for (let number = 3; number <= 11; number += 1) {
    task.addContainer(`agent-${number}`, { image, essential: false });
  }
  expect(() => containersOf(stack)).toThrow(
    /has 11 containers including the sidecar, but ECS allows at most 10/,
  );
});

test('a container cannot be served by a second sidecar at any path, because only one ticket counts', () => {
  const { stack, task, web } = servedTask();
  const other = exampleSidecar(stack, {
    user: Secret.fromSecretCompleteArn(stack, 'OtherUser', userArn),
    sqlServer: { host: 'sql02.corp.example.com' },
    containerName: 'reports',
    serviceName: 'reports',
  });
  task.addExtension(other);
  expect(() => other.serve(web, { mountPath: '/reports' })).toThrow(
    /web is already served by the sidecar kerberos, and Kerberos reads only one cache/,
  );
});

test('a key is used through Secrets Manager in its own region', () => {
  const stack = exampleStack();
  const user = Secret.fromSecretAttributes(stack, 'Elsewhere', {
    secretCompleteArn: userArn.replace('eu-central-1', 'eu-west-1'),
    encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/one'),
  });
  const task = exampleTask(stack);
  const kerberos = exampleSidecar(stack, { user });
  task.addExtension(kerberos);
  kerberos.serve(addApplication(task));
  const policies = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  expect(policies).toContain('"kms:ViaService":"secretsmanager.eu-west-1.amazonaws.com"');
});
