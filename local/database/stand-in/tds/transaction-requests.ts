import type { Session } from '../sql/engine/session.ts';
import type { TransactionRequest } from './requests.ts';
import type { Response } from './response.ts';

/** Begins or ends a transaction at the driver's request, MS-TDS 2.2.6.9. */
export function executeTransactionRequest(
  { transactions }: Session,
  request: TransactionRequest,
  response: Response,
): void {
  const { descriptor } = transactions;
  switch (request.kind) {
    case 'begin':
      transactions.begin();
      // The driver counts its own levels, so each has to be confirmed.
      response.transactionChanged('begin', transactions.descriptor);
      break;
    case 'commit':
      if (transactions.commit()) response.transactionChanged('commit', descriptor);
      break;
    case 'save':
      transactions.save(request.name);
      break;
    default:
      if (transactions.rollback(transactions.isSavepoint(request.name) ? request.name : undefined)) {
        response.transactionChanged('rollback', descriptor);
      }
  }
  response.done();
}
