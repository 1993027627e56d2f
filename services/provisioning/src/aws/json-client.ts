import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { retry } from '../retry.ts';

export interface JsonClientOptions {
  /** The service's name in signatures, for example `ds-data`. */
  readonly service: string;
  readonly region: string;
  /** Default: the service's regional endpoint. */
  readonly endpoint?: string | undefined;
  /** Default: the credentials that the AWS SDK finds. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Milliseconds for one answer; default ten seconds. All attempts together may take three times as long. */
  readonly answerLimit?: number;
}

export interface JsonRequest {
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

export type JsonClient = (request: JsonRequest) => Promise<Record<string, unknown>>;

/** An error response of an AWS service; `name` is the service's own, such as `ConflictException`. */
class AwsServiceError extends Error {
  readonly status: number;
  /** The Directory Service Data API's own reason, such as `DATA_DISABLED`. */
  readonly reason: string | undefined;

  constructor(name: string, message: string, status: number, reason?: string) {
    super(message);
    this.name = name;
    this.status = status;
    this.reason = reason;
  }
}

/** The response is not one of an AWS service. */
class NotAwsError extends Error {
  override readonly name = 'NotAwsError';
}

/**
 * Calls a JSON service of AWS by signed HTTP requests (Signature Version 4), for services whose SDK client is not
 * available from the npm registry. Throttling and faults of the service or the network are retried, so callers must
 * give each request that changes something an idempotency token.
 */
export function createJsonClient({
  service,
  region,
  endpoint,
  credentials,
  answerLimit = 10_000,
}: JsonClientOptions): JsonClient {
  const origin = new URL(endpoint ?? `https://${service}.${region}.${suffix(region)}`);
  const signer = new SignatureV4({
    service,
    region,
    credentials: credentials ?? defaultProvider(),
    sha256: NodeSha256,
  });

  async function attempt({ path = '/', query = {}, headers = {}, body }: JsonRequest) {
    const signed = await signer.sign({
      method: 'POST',
      protocol: origin.protocol,
      hostname: origin.hostname,
      path,
      query: { ...query },
      headers: { host: origin.host, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const url = new URL(path, origin);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await fetch(url, {
      method: 'POST',
      headers: signed.headers,
      body: signed.body,
      signal: AbortSignal.timeout(answerLimit),
    });
    const answer = parse(await response.text(), response.status);
    if (response.ok) return answer;
    const type = response.headers.get('x-amzn-errortype') ?? answer.__type ?? answer.code ?? 'UnknownError';
    // "com.amazonaws.service#Name:http://…" (AWS JSON and REST JSON protocols) → "Name"
    const name = String(type).split(':')[0]?.split('#').at(-1) ?? 'UnknownError';
    const reason = answer.Reason === undefined ? undefined : String(answer.Reason);
    throw new AwsServiceError(name, String(answer.message ?? answer.Message ?? ''), response.status, reason);
  }

  return (request) => retry(() => attempt(request), { when: passes, limit: answerLimit * 3 });
}

function passes(error: unknown): boolean {
  if (!(error instanceof AwsServiceError)) return true;
  return error.status >= 500 || error.status === 429 || /Throttl|TooManyRequests/.test(error.name);
}

function parse(text: string, status: number): Record<string, unknown> {
  try {
    return JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>;
  } catch {
    throw new NotAwsError(`The answer (HTTP ${status}) does not come from AWS: is there a proxy in between?`);
  }
}

function suffix(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

/** The hash that the signer needs, from Node.js. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash can be used only once.');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
