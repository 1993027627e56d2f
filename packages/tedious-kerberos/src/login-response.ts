import handlers from 'tedious/lib/token/handler.js';
import helpers from 'tedious/lib/token/helpers.js';
import streamParser from 'tedious/lib/token/stream-parser.js';
import tokens from 'tedious/lib/token/token.js';
import type { ServerErrorToken } from './errors/login-error.ts';

// The module is a function at run time, though its types say it has a default export.
const StreamParser = streamParser as unknown as typeof streamParser.default;

/** Reads SSPI tokens unchanged. tedious' own parser treats each as an NTLM challenge and throws if it is short. */
class TokenParser extends StreamParser {
  override readToken(): ReturnType<InstanceType<typeof StreamParser>['readToken']> {
    if (this.buffer[this.position] !== tokens.TYPE.SSPI) return super.readToken();
    return this.parseToken((buffer, offset) => {
      const { value, offset: end } = helpers.readUsVarByte(buffer, offset);
      return new helpers.Result(new tokens.SSPIToken(undefined, value), end);
    });
  }
}

/** Collects the tokens and the error of a login response. */
export class LoginResponse extends handlers.Login7TokenHandler {
  readonly serverTokens: Buffer[] = [];
  /** The most informative error: 18456 only says that the login failed, so any other takes precedence. */
  serverError: ServerErrorToken | undefined;

  /** Handles each token as soon as it is complete. */
  async read(message: AsyncIterable<Buffer>): Promise<void> {
    const parser = new TokenParser(this.connection.config.options);
    for await (const chunk of message) {
      parser.write(chunk);
      for (let token = parser.read(); token !== undefined; token = parser.read()) {
        if (token.handlerName !== 'onSSPI') this.connection.debug.token(token);
        (this[token.handlerName] as (token: unknown) => void)(token);
      }
    }
    parser.end();
  }

  override onSSPI(token: InstanceType<typeof tokens.SSPIToken>): void {
    this.serverTokens.push(token.ntlmpacketBuffer);
  }
  override onErrorMessage(token: InstanceType<typeof tokens.ErrorMessageToken>): void {
    super.onErrorMessage(token);
    if (this.serverError && this.serverError.number !== 18456) return;
    const { number, state, class: severity, message, serverName } = token;
    this.serverError = { number, state, class: severity, message, serverName };
  }
}
