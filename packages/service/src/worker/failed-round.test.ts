import { alarmingLines } from '@packages/contracts';
import { LoginError } from 'tedious-kerberos';
import { expect, test } from 'vitest';
import { describeFailure } from './failed-round.ts';

const { databaseUnreachable, workRefused, workFailed } = alarmingLines;
const withCode = (code: string, number?: number) =>
  Object.assign(new Error('no answer'), { code, ...(number === undefined ? {} : { number }) });

test.each([
  ['a refusal by SQL Server', withCode('EREQUEST', 229), workRefused],
  ['a refusal without a reason', withCode('UNKNOWN'), workRefused],
  ["a deadlock's victim", withCode('EREQUEST', 1205), workRefused],
  ['a database that is being recovered', withCode('EREQUEST', 921), databaseUnreachable],
  ['a server that said goodbye', withCode('CONNECTION_LOST', 6005), databaseUnreachable],
  ['a session that was killed', withCode('EREQUEST', 596), databaseUnreachable],
  ['no ticket', new LoginError('TICKET_EXPIRED', { message: 'It has ended.' }), databaseUnreachable],
  ['a query without an answer', withCode('ETIMEOUT'), databaseUnreachable],
  ['a connection that was lost', withCode('ECONNRESET'), databaseUnreachable],
  ['a fault of the program', new TypeError('x is not a function'), workFailed],
  ['one that Node.js finds', withCode('ERR_INVALID_ARG_TYPE'), workFailed],
  ['a value that no type takes', withCode('EPARAM'), workFailed],
  ['two columns of one name', withCode('ECOLUMNS'), workFailed],
  ['two statements at once', withCode('EINVALIDSTATE'), workFailed],
  ['an authenticator that breaks', new LoginError('AUTHENTICATOR_FAILED', { message: 'x' }), workFailed],
  ['an option of the connection', new LoginError('OPTION_INVALID', { message: 'x' }), workFailed],
  ['a part that is not installed', new LoginError('NATIVE_MODULE_MISSING', { message: 'x' }), workFailed],
  ['a name of a column that cannot be made', withCode('EOPTION'), workFailed],
  ['one of the driver', new LoginError('INTERNAL_ERROR', { message: 'x is undefined' }), workFailed],
])('%s', (_, error, line) => {
  expect(describeFailure(error)).toMatchObject({ line, fields: { reason: error.message } });
});
