import { text } from './fields.ts';

const allowed = 'the name of a versioned S3 bucket in the tools account';

/** Name patterns that S3 reserves for other things than buckets. */
const kept =
  /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$|^(\d{1,3}\.){3}\d{1,3}$/;

/**
 * The name of a general purpose bucket, by S3's rules for new ones.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const bucketName = text(
  /^(?=.{3,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  allowed,
).refine((name) => !kept.test(name), { error: `${allowed}: S3 reserves such names for other things` });
