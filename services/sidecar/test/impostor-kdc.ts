import { connect, createServer, type Socket } from 'node:net';

/** KRB-ERRORs of RFC 4120, section 7.5.9. */
const preAuthenticationRequired = 25;
const preAuthenticationFailed = 24;
const noReason = 60;

/** An attacker who answers in the domain controller's place; the answers are not authenticated. */
export interface ImpostorKdc {
  /** The number of client messages with a timestamp encrypted with the password. */
  readonly guesses: number;
  /** From now on, forwards everything to the real domain controller. */
  beHonest(): void;
  close(): void;
}

export interface ImpostorOptions {
  readonly address: string;
  readonly realm: string;
  /** The real domain controller's address. */
  readonly behind: string;
  /** Refuses every password, clearly or in an unclear answer, or requests pre-authentication with RC4. */
  readonly answer: 'refusal' | 'unclear' | 'rc4';
}

/** Listens on TCP port 88 (RFC 4120, section 7.2.2: each message follows its length). */
export function startImpostorKdc({ address, realm, behind, answer }: ImpostorOptions): Promise<ImpostorKdc> {
  let honest = false;
  let guesses = 0;

  function serve(client: Socket): void {
    client.on('error', () => {});
    if (honest) {
      const real = connect({ host: behind, port: 88 });
      real.on('error', () => client.destroy());
      client.pipe(real).pipe(client);
      return;
    }
    client.once('data', (request) => {
      // PA-ENC-TIMESTAMP: padata-type [1] INTEGER 2.
      const isGuess = request.includes(Buffer.from('a103020102', 'hex'));
      guesses += isGuess ? 1 : 0;
      const error = {
        refusal: () => krbError(realm, preAuthenticationFailed),
        unclear: () =>
          isGuess ? krbError(realm, noReason) : krbError(realm, preAuthenticationRequired, aes),
        rc4: () => krbError(realm, preAuthenticationRequired, rc4),
      }[answer]();
      const length = Buffer.alloc(4);
      length.writeUInt32BE(error.length);
      client.end(Buffer.concat([length, error]));
    });
  }

  return new Promise((resolve, reject) => {
    const server = createServer(serve);
    server.once('error', reject).listen({ host: address, port: 88 }, () =>
      resolve({
        get guesses() {
          return guesses;
        },
        beHonest() {
          honest = true;
        },
        close: () => void server.close(),
      }),
    );
  });
}

/** The data of a KRB-ERROR of code 25 that requests RC4. */
export const rc4 = timestampSealedWith(23);
const aes = timestampSealedWith(18);

/** METHOD-DATA: PA-ENC-TIMESTAMP, and PA-ETYPE-INFO2 with one encryption type (sections 5.2.7.2 and 5.2.7.5). */
function timestampSealedWith(encryptionType: number): Buffer {
  return sequence(
    sequence(field(1, integer(2)), field(2, octets(Buffer.alloc(0)))),
    sequence(field(1, integer(19)), field(2, octets(sequence(sequence(field(0, integer(encryptionType))))))),
  );
}

/** KRB-ERROR (section 5.9.1). */
export function krbError(realm: string, code: number, data?: Buffer): Buffer {
  const time = new Date().toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(
    0x7e,
    sequence(
      field(0, integer(5)),
      field(1, integer(30)),
      field(4, der(0x18, Buffer.from(time))),
      field(5, integer(0)),
      field(6, integer(code)),
      field(9, text(realm)),
      field(10, sequence(field(0, integer(2)), field(1, sequence(text('krbtgt'), text(realm))))),
      ...(data ? [field(12, octets(data))] : []),
    ),
  );
}

function field(tag: number, content: Buffer): Buffer {
  return der(0xa0 | tag, content);
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function text(value: string): Buffer {
  return der(0x1b, Buffer.from(value));
}

function sequence(...members: Buffer[]): Buffer {
  return der(0x30, ...members);
}

function der(tag: number, ...members: Buffer[]): Buffer {
  const content = Buffer.concat(members);
  const { length } = content;
  return Buffer.concat([
    Buffer.from(length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255]),
    content,
  ]);
}
