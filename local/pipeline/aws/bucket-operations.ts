import { createHash, randomUUID } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { AwsFault, HttpAnswer, type Operations } from './aws-endpoint.ts';

/**
 * S3 in a folder: a bucket is a subfolder, and an object is a file whose path is its key. Implements the operations
 * that publishing and reading assets needs.
 *
 * @param folder absolute path
 */
export function bucketOperations(folder: string): Operations {
  const uploads = new Map<string, Map<number, Buffer>>();
  const path = ({ Bucket, Key }: Record<string, unknown>) => {
    const file = join(folder, String(Bucket), String(Key));
    if (relative(folder, file).startsWith('..')) throw new AwsFault('InvalidURI', `${Key} is not a key`);
    return file;
  };
  const put = (input: Record<string, unknown>, body: Buffer) => {
    const file = path(input);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
  };
  return {
    'S3.GetBucketLocation': () => new HttpAnswer('<LocationConstraint>eu-central-1</LocationConstraint>'),
    'S3.GetBucketEncryption': () =>
      new HttpAnswer(
        '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
      ),
    'S3.ListObjectsV2': ({ Bucket, prefix = '' }) => {
      const bucket = join(folder, String(Bucket));
      const keys = globSync('**', { cwd: bucket })
        .filter((key) => key.startsWith(String(prefix)) && statSync(join(bucket, key)).isFile())
        .sort();
      const contents = keys.map((key) => {
        const { size } = statSync(join(bucket, key));
        return `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`;
      });
      return new HttpAnswer(
        `<ListBucketResult><KeyCount>${keys.length}</KeyCount>${contents.join('')}</ListBucketResult>`,
      );
    },
    'S3.PutObject': (input) => {
      put(input, input.Body as Buffer);
      return new HttpAnswer('', { etag: etag(input.Body as Buffer) });
    },
    'S3.CreateMultipartUpload': ({ Bucket, Key }) => {
      const id = randomUUID();
      uploads.set(id, new Map());
      return new HttpAnswer(
        `<InitiateMultipartUploadResult><Bucket>${Bucket}</Bucket><Key>${Key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    },
    'S3.UploadPart': ({ uploadId, partNumber, Body }) => {
      uploads.get(String(uploadId))?.set(Number(partNumber), Body as Buffer);
      return new HttpAnswer('', { etag: etag(Body as Buffer) });
    },
    'S3.CompleteMultipartUpload': (input) => {
      const parts = [...(uploads.get(String(input.uploadId)) ?? [])].sort(([a], [b]) => a - b);
      const whole = Buffer.concat(parts.map(([, part]) => part));
      put(input, whole);
      return new HttpAnswer(
        `<CompleteMultipartUploadResult><Key>${input.Key}</Key><ETag>${etag(whole)}</ETag></CompleteMultipartUploadResult>`,
      );
    },
    'S3.GetObject': (input) => {
      const file = path(input);
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
        return new HttpAnswer(
          '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>',
          {},
          404,
        );
      }
      return new HttpAnswer(readFileSync(file));
    },
  };
}

function etag(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
