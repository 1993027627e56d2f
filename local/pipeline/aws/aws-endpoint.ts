import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBucketRequest } from './bucket-request.ts';

/** Handles one AWS operation and returns the members of its result. May throw an `AwsFault`. */
export type Operation = (input: Record<string, unknown>) => unknown | Promise<unknown>;

/** Operations by service and name, such as `CodeBuild.StartBuild`. */
export type Operations = Readonly<Record<string, Operation>>;

/** An error as an AWS service returns it. */
export class AwsFault extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export interface AwsEndpoint {
  readonly url: string;
  /** Variables that direct AWS clients to this endpoint, with made-up credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** The operations that were called, in order. */
  readonly calls: readonly { readonly operation: string; readonly input: Record<string, unknown> }[];
  stop(): Promise<void>;
}

/** The response of a service that uses plain HTTP, as S3 does. */
export class HttpAnswer {
  readonly body: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;

  constructor(body: string | Buffer = '', headers: Readonly<Record<string, string>> = {}, status = 200) {
    this.body = body;
    this.headers = headers;
    this.status = status;
  }
}

/** Services by the second-to-last part of the X-Amz-Target header, or by the version of a query request. */
const services: Readonly<Record<string, string>> = {
  CodeBuild_20161006: 'CodeBuild',
  CodePipeline_20150709: 'CodePipeline',
  Logs_20140328: 'Logs',
  AmazonEC2ContainerRegistry_V20150921: 'ECR',
  AmazonEC2ContainerServiceV20141113: 'ECS',
  AmazonSSM: 'SSM',
  AWSStepFunctions: 'SFN',
  ServiceQuotasV20190624: 'ServiceQuotas',
  CodeConnections_20231201: 'CodeConnections',
  TrentService: 'KMS',
  '2011-06-15': 'STS',
  '2010-05-15': 'CloudFormation',
  '2014-10-31': 'RDS',
  '2015-12-01': 'ELB',
};

/**
 * Starts an HTTP server on loopback that AWS clients take for AWS. It accepts requests in the AWS JSON 1.1 and AWS
 * query protocols, and S3 requests, as the real clients sign and send them, and answers in the same protocol.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export async function startAwsEndpoint(operations: Operations): Promise<AwsEndpoint> {
  const calls: { operation: string; input: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    const { operation, input, query } = await readRequest(request);
    calls.push({ operation, input });
    try {
      const handler = operations[operation];
      if (!handler) throw new AwsFault('UnknownOperationException', `${operation} is not answered here.`);
      const output = await handler(input);
      if (output instanceof HttpAnswer) {
        response.writeHead(output.status, output.headers);
        response.end(output.body);
      } else if (query) answerXml(response, operation, output);
      else answerJson(response, 200, output ?? {});
    } catch (error) {
      fail(response, error, query);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calls,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'rehearsal',
      AWS_SECRET_ACCESS_KEY: 'rehearsal',
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  if (!request.headers['x-amz-target'] && !isForm)
    return { ...readBucketRequest(request, bytes), query: true };
  const body = bytes.toString('utf8');
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', name = ''] = target.split('.').slice(-2);
    const input = JSON.parse(body || '{}') as Record<string, unknown>;
    return { operation: `${services[service] ?? service}.${name}`, input, query: false };
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  const service = services[form.Version ?? ''] ?? form.Version;
  return { operation: `${service}.${form.Action}`, input: form as Record<string, unknown>, query: true };
}

function answerJson(response: ServerResponse, status: number, output: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId });
  response.end(JSON.stringify(output));
}

function answerXml(response: ServerResponse, operation: string, output: unknown): void {
  const name = operation.split('.')[1] ?? '';
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<${name}Response><${name}Result>${xml(output)}</${name}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
  );
}

function fail(response: ServerResponse, error: unknown, query: boolean): void {
  const { name, message, status } =
    error instanceof AwsFault ? error : new AwsFault('InternalFailure', String(error), 500);
  if (!query) {
    answerJson(response, status, { __type: name, message });
    return;
  }
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}

const requestId = '00000000-0000-0000-0000-000000000000';

function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${xml(item)}</member>`).join('');
  if (value === null || typeof value !== 'object') return escapeXml(String(value ?? ''));
  return Object.entries(value)
    .map(([name, item]) => `<${name}>${xml(item)}</${name}>`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
