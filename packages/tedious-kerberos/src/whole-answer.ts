import { RequestError, type Connection as TediousConnection } from 'tedious';
import handlers from 'tedious/lib/token/handler.js';

type Handler = Parameters<TediousConnection['createTokenStreamParser']>[1];

/** DONE, DONEINPROC and DONEPROC. */
interface Done {
  readonly more: boolean;
  readonly attention: boolean;
  readonly serverError: boolean;
}

const givenUp = () => new RequestError('The server abandoned the result without giving a reason.', 'UNKNOWN');

/**
 * Watches the answer to a request for completeness. tedious treats the end of a message as the end of the answer, so that a
 * truncated answer looks like a shorter or an empty result. It also ignores the flag of a result that the server has
 * abandoned ([MS-TDS] 2.2.7.6, DONE_SRVERROR).
 *
 * @returns a function to call at the end of the message. It returns an error if the answer is incomplete or unexpected;
 *   undefined if it is complete, was canceled or is an error of the server
 */
export function watchAnswer(handler: Handler): () => Error | undefined {
  if (!(handler instanceof handlers.RequestTokenHandler)) return () => undefined;
  const { request } = handler;
  let whole = false;
  let unasked = false;
  const { onDone, onDoneInProc, onDoneProc, onColMetadata } = handler;
  const watched =
    <Token extends Done>(take: (token: Token) => void, ends: boolean) =>
    (token: Token) => {
      whole = ends && !token.more;
      unasked ||= token.attention;
      if (token.serverError && !request.canceled) request.error ??= givenUp();
      take.call(handler, token);
    };
  handler.onDone = watched(onDone, true);
  handler.onDoneProc = watched(onDoneProc, true);
  // A DONEINPROC is followed by something, if only by the end of the procedure.
  handler.onDoneInProc = watched(onDoneInProc, false);
  handler.onColMetadata = (token) => {
    whole = false;
    onColMetadata.call(handler, token);
  };
  return () => {
    if (request.canceled) return undefined;
    if (unasked) return new Error('it confirms a cancellation that was not requested.');
    return whole || request.error ? undefined : new Error('its answer is incomplete.');
  };
}
