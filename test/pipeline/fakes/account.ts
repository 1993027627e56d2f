import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpPeer, type Peer } from '../../aws/peers.ts';

/** An error response of a service. */
export interface ServiceFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** The answers of an account by operation: a body, a fault, or silence. */
export type Answers = Record<string, string | ServiceFault | 'silence'>;

export interface FakeAccount extends Peer {
  readonly asked: readonly string[];
  /** The regions and services that the requests were signed for, such as `eu-central-1/ec2`. */
  readonly signedFor: readonly string[];
}

const namespaces: Readonly<Record<string, string>> = {
  '2016-11-15': 'http://ec2.amazonaws.com/doc/2016-11-15/',
};

/**
 * One account with the wire formats of its services: EC2's own query protocol, the query protocol of RDS, IAM and
 * CloudFormation, JSON of Service Quotas, ACM, ECR and CloudWatch Logs, and REST with XML of Route 53.
 *
 * @see https://smithy.io/2.0/aws/protocols/index.html
 */
export async function startAccount(answers: Answers): Promise<FakeAccount> {
  const asked: string[] = [];
  const signedFor: string[] = [];
  const peer = await httpPeer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const call = readCall(request, body);
      asked.push(call.operation);
      signedFor.push(
        request.headers.authorization?.match(/Credential=[^,]+\/([^/]+\/[^/]+)\/aws4_request/)?.[1] ?? '',
      );
      const answer = answers[call.operation];
      if (answer === 'silence') return;
      if (answer === undefined) {
        refuse(response, call, {
          status: 400,
          code: 'InvalidAction',
          message: `${call.operation} is not here`,
        });
      } else if (typeof answer === 'string') give(response, call, answer);
      else refuse(response, call, answer);
    });
  });
  return { ...peer, asked, signedFor };
}

interface Call {
  readonly operation: string;
  readonly protocol: 'json' | 'query' | 'ec2' | 'rest-xml';
}

function readCall({ headers, url = '' }: IncomingMessage, body: string): Call {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return { operation: target.split('.').at(-1) ?? '', protocol: 'json' };
  if (url.startsWith('/2013-04-01/hostedzone/')) return { operation: 'GetHostedZone', protocol: 'rest-xml' };
  const form = new URLSearchParams(body);
  const protocol = (form.get('Version') ?? '') in namespaces ? 'ec2' : 'query';
  const operation = form.get('Action') ?? '';
  return { operation: operation === 'GetRole' ? `GetRole ${form.get('RoleName')}` : operation, protocol };
}

function give(response: ServerResponse, { operation, protocol }: Call, body: string): void {
  const name = operation.split(' ')[0] ?? '';
  const written: Readonly<Record<Call['protocol'], string>> = {
    json: body,
    query: `<${name}Response><${name}Result>${body}</${name}Result><ResponseMetadata/></${name}Response>`,
    ec2: `<${name}Response xmlns="${namespaces['2016-11-15']}"><requestId>0</requestId>${body}</${name}Response>`,
    'rest-xml': `<?xml version="1.0"?><GetHostedZoneResponse>${body}</GetHostedZoneResponse>`,
  };
  response.writeHead(200, {
    'content-type': protocol === 'json' ? 'application/x-amz-json-1.1' : 'text/xml',
  });
  response.end(written[protocol]);
}

function refuse(response: ServerResponse, { protocol }: Call, { status, code, message }: ServiceFault): void {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  const written: Readonly<Record<Call['protocol'], string>> = {
    json: JSON.stringify({ __type: code, message }),
    query: `<ErrorResponse>${error}<RequestId>0</RequestId></ErrorResponse>`,
    ec2: `<Response><Errors>${error}</Errors><RequestID>0</RequestID></Response>`,
    'rest-xml': `<ErrorResponse>${error}<RequestId>0</RequestId></ErrorResponse>`,
  };
  response.writeHead(status, {
    'content-type': protocol === 'json' ? 'application/x-amz-json-1.1' : 'text/xml',
  });
  response.end(written[protocol]);
}
