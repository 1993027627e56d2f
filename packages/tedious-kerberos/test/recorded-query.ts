import { proof, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { messageType } from '../../../local/testing/tds-server/conversation.ts';
import { answerRequest, startScriptedServer } from '../../../local/testing/tds-server/scripted-server.ts';
import { collation, done, loginAck, sspi } from '../../../local/testing/tds-server/tokens.ts';
import { connect, type ParameterValue, query } from '../src/index.ts';

export interface RecordedParameter {
  /** Its declaration for `sp_executesql`, such as `decimal(18, 2)`. */
  readonly declaration: string;
  /** The bytes sent after the parameter's name and flags: TYPE_INFO and value. */
  readonly bytes: Buffer;
}

/** Sends one statement with one parameter, and returns what the server received for it. */
export async function recorded(value: ParameterValue, options = {}, name = 'a'): Promise<RecordedParameter> {
  let body: Buffer = Buffer.alloc(0);
  const server = await startScriptedServer({
    login: (client) => client.send([collation(1252), sspi(proof), loginAck(), done()]),
    request: (client, message) => {
      if (message.type === messageType.rpc) body = message.body;
      answerRequest(client, message);
    },
  });
  try {
    const connection = await connect({
      server: '127.0.0.1',
      authenticator: scriptedAuthenticator(),
      options: { port: server.port, encrypt: false, ...options },
    });
    try {
      await query(connection, 'SELECT @a', { [name]: value });
    } finally {
      connection.close();
    }
  } finally {
    await server.stop();
  }
  return { declaration: declarationOf(body), bytes: bytesOf(body) };
}

/** B_VARCHAR "@a", then empty status flags. */
const parameterName = Buffer.concat([Buffer.from([2]), Buffer.from('@a', 'ucs2'), Buffer.from([0])]);

function declarationOf(body: Buffer): string {
  const start = body.indexOf(Buffer.from('@a ', 'ucs2')) + 6;
  return body.subarray(start, body.indexOf(parameterName, start)).toString('ucs2');
}

function bytesOf(body: Buffer): Buffer {
  return body.subarray(body.lastIndexOf(parameterName) + parameterName.length);
}
