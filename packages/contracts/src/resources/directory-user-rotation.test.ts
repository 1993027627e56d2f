import { expect, test } from 'vitest';
import { directoryUserRotationSchema, userSecrets, userSecretsVariable } from './directory-user-rotation.ts';

test.each([1, 2])('the secrets of %d users are read as they were written', (count) => {
  const users = ['db-user', 'worker-user'].slice(0, count).map((name) => ({
    name,
    secretArn: `arn:aws:secretsmanager:eu-central-1:222222222222:secret:${name}-AbCdEf`,
  }));
  const variable = userSecretsVariable(users);
  expect(directoryUserRotationSchema.shape.USER_SECRETS.safeParse(variable).error).toBeUndefined();
  expect([...userSecrets(variable)]).toEqual(users.map(({ name, secretArn }) => [name, secretArn]));
});
