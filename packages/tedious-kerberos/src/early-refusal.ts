import type { Connection } from 'tedious';
import tokens from 'tedious/lib/token/token.js';
import type { LoginResponse } from './login-response.ts';

const { ERROR, INFO, ENVCHANGE } = tokens.TYPE;
type MessageIO = Connection['messageIo'];

/** How a token stream begins: neither a PRELOGIN response does, whose first option is 0, nor a record of TLS. */
const beginsTokens: readonly (number | undefined)[] = [ERROR, INFO, ENVCHANGE];

/**
 * Has a server heard that answers by an error before it has seen a login: too many connections, a database that is moving.
 * tedious takes whatever comes for options of PRELOGIN or for the handshake of TLS.
 *
 * @param begin begins to read such an answer
 * @returns what ends this
 */
export function hearRefusals(messageIo: MessageIO, begin: () => LoginResponse): () => void {
  const { readMessage } = messageIo;
  messageIo.readMessage = async () => {
    const message = await readMessage.call(messageIo);
    const chunks = (message as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const first = await chunks.next();
    const whole = again(first, chunks);
    if (first.done || !beginsTokens.includes(first.value[0])) return whole as unknown as typeof message;
    const response = begin();
    await response.read(whole);
    throw new Error(
      response.serverError?.message ?? 'The server sent tokens where there is no place for any.',
    );
  };
  return () => {
    messageIo.readMessage = readMessage;
  };
}

async function* again(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = first; !chunk.done; chunk = await rest.next()) yield chunk.value;
}
