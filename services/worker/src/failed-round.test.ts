import { alarmingLines } from '@packages/contracts';
import { LoginError } from 'tedious-kerberos';
import { expect, test } from 'vitest';
import { describeFailure } from './failed-round.ts';

const { databaseUnreachable, workRefused, workFailed } = alarmingLines;
const withCode = (code: string) => Object.assign(new Error('no answer'), { code });

test.each([
  ['a refusal by SQL Server', Object.assign(withCode('EREQUEST'), { number: 229 }), workRefused],
  ['no ticket', new LoginError('TICKET_EXPIRED', { message: 'It has ended.' }), databaseUnreachable],
  ['a query without an answer', withCode('ETIMEOUT'), databaseUnreachable],
  ['a connection that was lost', withCode('ECONNRESET'), databaseUnreachable],
  ['a fault of the program', new TypeError('x is not a function'), workFailed],
  ['one that Node.js finds', withCode('ERR_INVALID_ARG_TYPE'), workFailed],
  ['one of the driver', new LoginError('INTERNAL_ERROR', { message: 'x is undefined' }), workFailed],
])('%s', (_, error, line) => {
  expect(describeFailure(error)).toMatchObject({ line, fields: { reason: error.message } });
});
