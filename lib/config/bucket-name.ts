import { text } from './fields.ts';

const allowed = 'the name of a versioned S3 bucket in the tools account';

/** Beginnings and ends that are kept for other things than buckets. */
const kept =
  /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$|^(\d{1,3}\.){3}\d{1,3}$/;

/**
 * A general purpose bucket, by the rules that S3 has for new ones.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const bucketName = text(
  /^(?=.{3,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  allowed,
).refine((name) => !kept.test(name), { error: `${allowed}: S3 keeps such names for other things` });
