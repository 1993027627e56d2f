import { expect, test } from 'vitest';
import { saysNoSuchStack } from './no-such-stack.ts';

const error = (name: string, message: string) => Object.assign(new Error(message), { name });

test.each([
  ['ValidationError', 'Stack with id login-staging-service does not exist'],
  [
    'ValidationError',
    'Stack with id arn:aws:cloudformation:eu-central-1:222222222222:stack/a/1 does not exist',
  ],
  ['ValidationError', 'Stack [login-staging-service] does not exist'],
  ['ValidationError', "Stack 'login-staging-service' does not exist"],
])('%s: %s', (name, message) => {
  expect(saysNoSuchStack(error(name, message))).toBe(true);
});

// If in doubt, it is safer to stop and show the message.
test.each([
  ['ValidationError', 'Role arn:aws:iam::222222222222:role/deploy is invalid or does not exist'],
  ['ValidationError', 'Stack with id login-staging-service is in the state DELETE_IN_PROGRESS'],
  ['ValidationError', 'There is no stack login-staging-service'],
  ['ValidationError', 'Der Stack login-staging-service ist nicht vorhanden'],
  ['ValidationError', ''],
  ['AccessDenied', 'Stack with id login-staging-service does not exist'],
  ['SyntaxError', 'Unexpected token "<", "The page does not exist" is not valid JSON'],
  ['Error', 'getaddrinfo ENOTFOUND: the name does not exist'],
])('another message, %s: %s', (name, message) => {
  expect(saysNoSuchStack(error(name, message))).toBe(false);
});

test('a value that is not an error', () => {
  expect(saysNoSuchStack('Stack with id a does not exist')).toBe(false);
});
