import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { FaultPlan } from './faults.ts';
import { operations } from './operations.ts';
import { keepSecrets, keptSecrets } from './persistence.ts';
import { driveRotation, type RotationFunction } from './rotation.ts';
import { SecretStore } from './secret-store.ts';
import { ServiceError } from './service-error.ts';

export interface SecretsManagerOptions {
  /** A loopback address; default 127.0.0.1. */
  readonly address?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Default `eu-central-1`. */
  readonly region?: string;
  /** File that keeps the secrets between starts, readable only by this user; default: in memory only. */
  readonly file?: string;
  /** Called for each step after `RotateSecret`, as the service calls its Lambda function. */
  readonly rotate?: RotationFunction;
  /** For tests: the faults of calls. */
  readonly faults?: FaultPlan;
  /** For tests: how many reads after each write still see the state before it; default 0. */
  readonly staleReads?: number;
}

export interface SecretsManager {
  /** For example `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  /** Variables with which the AWS SDK of a process calls this endpoint, with credentials that are valid only here. */
  readonly environment: Readonly<
    Record<
      'AWS_ENDPOINT_URL_SECRETS_MANAGER' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY',
      string
    >
  >;
  /** The same for a client in this process: `new SecretsManagerClient(secretsManager.client)`. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Settles when all started rotations have ended. @throws the first error of a rotation that failed */
  rotations(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an HTTP endpoint that answers the AWS SDK as Secrets Manager does (AWS JSON 1.1; API reference 2017-10-17),
 * for the operations that this project uses. Requests must contain the access key id that it has generated, so that
 * other users of this machine cannot read the secrets.
 *
 * @throws Error when the address or port is in use, or the file cannot be read
 */
export async function startSecretsManager(options: SecretsManagerOptions = {}): Promise<SecretsManager> {
  const { address = '127.0.0.1', region = 'eu-central-1', file, rotate } = options;
  const credentials = {
    accessKeyId: `LOCAL${randomBytes(16).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  };
  const store = new SecretStore({
    region,
    secrets: file === undefined ? [] : keptSecrets(file),
    staleReads: options.staleReads ?? 0,
    onChange: (secrets) => file !== undefined && keepSecrets(file, secrets),
  });
  const rotations: Promise<void>[] = [];
  let calls = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const input = ((await json(request)) ?? {}) as Record<string, unknown>;
    const name = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    calls += 1;
    const fault = options.faults?.({ operation: name, input, number: calls });
    try {
      if (!request.headers.authorization?.includes(`Credential=${credentials.accessKeyId}/`)) {
        throw new ServiceError(
          'UnrecognizedClientException',
          'The security token in the request is invalid.',
        );
      }
      if (fault === 'cut-before') return void request.socket.destroy();
      if (fault === 'silent') return;
      if (fault === 'throttle') throw new ServiceError('ThrottlingException', 'Rate exceeded');
      if (fault === 'unavailable') throw new ServiceError('InternalServiceError', 'An error occurred.');
      if (fault === 'refuse-before') throw refusal();
      const run = operations[name];
      if (!run)
        throw new ServiceError('UnknownOperationException', `This endpoint does not support ${name}.`);
      const output = run(store, input);
      if (fault === 'cut-after') return void request.socket.destroy();
      if (fault === 'refuse-after') throw refusal();
      reply(response, 200, output);
      if (name === 'RotateSecret' && 'VersionId' in output) startRotation(output as RotationStarted);
    } catch (error) {
      const known = fault === 'refuse-after' ? refusal() : serviceError(error);
      reply(response, known.status, { __type: known.name, message: known.message });
    }
  }

  function startRotation({ ARN, VersionId }: RotationStarted): void {
    if (!rotate) return;
    const rotation = driveRotation(rotate, { SecretId: ARN, ClientRequestToken: VersionId });
    // `rotations()` reports the error; without a handler here, it would end the process.
    rotation.catch(() => {});
    rotations.push(rotation);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, address, resolve);
  });
  const endpoint = `http://${address}:${(server.address() as AddressInfo).port}`;

  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    client: { endpoint, region, credentials },
    async rotations() {
      await Promise.all(rotations);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface RotationStarted {
  readonly ARN: string;
  readonly VersionId: string;
}

function serviceError(error: unknown): ServiceError {
  return error instanceof ServiceError ? error : new ServiceError('InternalServiceError', String(error));
}

/** Simulates the death of the caller: clients do not retry after an error that they do not know. */
function refusal(): ServiceError {
  return new ServiceError('OnPurposeException', 'Refused on purpose, by the fault plan of a test.');
}

function reply(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
    .end(JSON.stringify(body));
}
