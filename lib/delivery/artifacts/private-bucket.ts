import { Bucket } from 'aws-cdk-lib/aws-s3';

/**
 * A bucket that serves no website, and says so: CDK's own class leaves it undefined, which its interface `IBucket` does not
 * allow where optional properties are exact.
 */
export class PrivateBucket extends Bucket {
  override get isWebsite(): boolean {
    return false;
  }
}
