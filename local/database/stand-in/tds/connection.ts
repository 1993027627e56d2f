import type { Socket } from 'node:net';
import { executeBatch } from '../sql/engine/batch.ts';
import { Cancelled } from '../sql/engine/execution.ts';
import type { Session } from '../sql/engine/session.ts';
import { SqlError, sqlError } from '../sql-error.ts';
import { logIn, type ServerContext } from './log-in.ts';
import type { MessageChannel } from './message-channel.ts';
import { type Message, packetType } from './packets.ts';
import { executeCall } from './procedure-calls.ts';
import {
  parseBatch,
  parseProcedureCalls,
  parseTransactionRequest,
  type TransactionRequest,
} from './requests.ts';
import { Response } from './response.ts';

/** Serves one client until its connection ends. */
export async function serveConnection(
  channel: MessageChannel,
  socket: Socket,
  context: ServerContext,
): Promise<void> {
  let session: Session | undefined;
  try {
    session = await logIn(channel, socket, context);
    if (!session) return;
    await serveRequests(channel, session, context);
  } catch (error) {
    // For data that is not TDS, end the connection without an answer, as SQL Server does.
    if (!(error instanceof RangeError))
      context.log('connection failed', { error: String((error as Error).stack ?? error) });
  } finally {
    session?.close();
    channel.close();
  }
}

async function serveRequests(
  channel: MessageChannel,
  session: Session,
  { name }: ServerContext,
): Promise<void> {
  for (let message = await channel.read(); message; message = await channel.read()) {
    if (message.type === packetType.attention) {
      // The request had ended before the client cancelled it, so only the attention must be acknowledged.
      await new Response(channel, name).end({ attention: true });
      continue;
    }
    const controller = new AbortController();
    channel.onAttention = () => controller.abort();
    // The attention may have arrived in the same segment as the request.
    if (channel.attentionWaits) controller.abort();
    const response = new Response(channel, name, { procedure: message.type === packetType.rpc });
    await serveRequest(session, message, response, controller.signal);
    channel.onAttention = undefined;
    if (channel.ended) return;
  }
}

async function serveRequest(
  session: Session,
  message: Message,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (message.resetConnection) {
      const before = session.database.name;
      session.reset({ keepTransaction: message.keepTransaction });
      response.connectionReset();
      if (session.database.name !== before) response.databaseChanged(session.database.name, before);
    }
    if (message.ignored) throw new Cancelled();
    await execute(session, message, response, signal);
  } catch (error) {
    // Clients that cancel ignore the answer to the request; the state of the transaction does not change.
    if (error instanceof Cancelled) response.message(sqlError(3617));
    else if (error instanceof SqlError) response.message(error);
    else throw error;
  }
  await response.end();
}

async function execute(
  session: Session,
  { type, payload }: Message,
  response: Response,
  signal: AbortSignal,
) {
  if (type === packetType.sqlBatch) await executeBatch(session, parseBatch(payload), response, signal);
  else if (type === packetType.transactionManager) {
    changeTransaction(session, parseTransactionRequest(payload), response);
  } else if (type === packetType.rpc) {
    for (const call of parseProcedureCalls(payload)) await executeCall(session, call, response, signal);
  } else throw new RangeError(`A message of type ${type} was not expected.`);
}

/** Begins or ends a transaction at the driver's request, MS-TDS 2.2.6.9. */
function changeTransaction({ transactions }: Session, request: TransactionRequest, response: Response): void {
  const { descriptor } = transactions;
  const event = transactions[request]();
  // The driver counts nested transactions itself, so confirm each BEGIN.
  if (request === 'begin') response.transactionChanged('begin', transactions.descriptor);
  else if (event) response.transactionChanged(event, descriptor);
  response.done();
}
