import { Bucket } from 'aws-cdk-lib/aws-s3';

/**
 * A bucket with `isWebsite` set to false. The CDK's class leaves it undefined, which its interface `IBucket` does not
 * allow under `exactOptionalPropertyTypes`.
 */
export class PrivateBucket extends Bucket {
  override get isWebsite(): boolean {
    return false;
  }
}
