import { expect, test } from 'vitest';
import { workerAddress } from './health-command.ts';
import { workerEnvironmentSchema } from './worker/settings.ts';

test.each([{}, { HEALTH_PORT: '' }, { HEALTH_PORT: '9000' }])(
  'the health command asks the port on which the worker answers: %o',
  (variables) => {
    // An empty variable counts as absent.
    const port = workerEnvironmentSchema.shape.HEALTH_PORT.parse(variables.HEALTH_PORT || undefined);
    expect(workerAddress(variables)).toBe(`http://127.0.0.1:${port}/`);
  },
);
