import type { Connection } from 'tedious';
import tokens from 'tedious/lib/token/token.js';
import type { LoginResponse } from './login-response.ts';

const { ERROR, INFO, ENVCHANGE } = tokens.TYPE;
type MessageIO = Connection['messageIo'];

/** The tokens that such an answer begins with. A PRELOGIN response begins with 0; TLS records begin with other bytes too. */
const beginsTokens: readonly (number | undefined)[] = [ERROR, INFO, ENVCHANGE];

/**
 * Reports the error of a server that refuses before it has seen the login, for example because of too many connections or
 * a database being moved. tedious would parse such an answer as PRELOGIN options or as a TLS handshake.
 *
 * @param begin makes the response that reads such an answer
 * @returns a function that stops this
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
    throw new Error(response.serverError?.message ?? 'The server sent tokens where none are allowed.');
  };
  return () => {
    messageIo.readMessage = readMessage;
  };
}

async function* again(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = first; !chunk.done; chunk = await rest.next()) yield chunk.value;
}
