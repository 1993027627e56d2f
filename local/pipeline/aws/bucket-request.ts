import type { IncomingMessage } from 'node:http';

/** S3's operations by method and the query parameter that distinguishes them. */
const operations: Readonly<Record<string, string>> = {
  'GET location': 'GetBucketLocation',
  'GET encryption': 'GetBucketEncryption',
  'GET list-type': 'ListObjectsV2',
  'GET ': 'GetObject',
  'HEAD ': 'HeadObject',
  'PUT partNumber': 'UploadPart',
  'PUT ': 'PutObject',
  'POST uploads': 'CreateMultipartUpload',
  'POST uploadId': 'CompleteMultipartUpload',
};

/**
 * Reads an S3 request with the bucket in the path, as AWS clients send it to a loopback address.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export function readBucketRequest(
  { method = '', url = '', headers }: IncomingMessage,
  bytes: Buffer,
): { operation: string; input: Record<string, unknown> } {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, Bucket = '', ...key] = decodeURIComponent(pathname).split('/');
  const [, name] =
    Object.entries(operations).find(([pattern]) => {
      const [verb, word = ''] = pattern.split(' ');
      return verb === method && (word === '' || searchParams.has(word));
    }) ?? [];
  return {
    operation: `S3.${name ?? `${method} ${url}`}`,
    input: { Bucket, Key: key.join('/'), ...Object.fromEntries(searchParams), Body: body(bytes, headers) },
  };
}

/** The object itself. Clients may send it in AWS's chunked encoding, with the length before each chunk. */
function body(bytes: Buffer, headers: IncomingMessage['headers']): Buffer {
  if (!headers['content-encoding']?.includes('aws-chunked')) return bytes;
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (!length) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
