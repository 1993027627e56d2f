import { Stack } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { acknowledge } from '../../lib/constructs/common/acknowledge.ts';
import { unusedAcknowledgements } from '../../lib/validation/acknowledgements.ts';
import { renderAcknowledgements } from './render-acknowledgements.ts';
import { exampleDeployment, fullDeployment, withApp } from './synthesize.ts';
import { validated } from './validated.ts';

const deployments = [validated(exampleDeployment()), validated(fullDeployment())];
const acknowledgements = deployments.flatMap(({ acknowledgements }) => acknowledgements);

/** A bucket with two findings; those in `accepted` are acknowledged. */
function bucketAccepting(accepted: Record<string, string>) {
  return withApp((app) => {
    const bucket = new CfnBucket(new Stack(app, 'stack'), 'Bucket');
    acknowledge(bucket, { S1: 'A test.', S10: 'A test.', ...accepted });
    app.synth();
    return unusedAcknowledgements(app);
  });
}

describe('An acknowledgement', () => {
  test('matches a finding in what is deployed', () => {
    expect(deployments.flatMap(({ unusedAcknowledgements }) => unusedAcknowledgements)).toEqual([]);
  });

  test('that matches nothing is reported', () => {
    expect(bucketAccepting({})).toEqual([]);
    expect(bucketAccepting({ RDS11: 'A bucket has no port.' })).toEqual([
      {
        id: 'AwsSolutions::AwsSolutions-RDS11',
        at: 'stack/Bucket',
        reason: 'A bucket has no port.',
      },
    ]);
  });

  test('has a reason that is a sentence', () => {
    for (const { id, reason } of acknowledgements) {
      if (id.startsWith('AwsSolutions::')) expect(reason).toMatch(/^[A-Za-z].{30,}\.\)?$/s);
    }
  });

  test('is in the list for auditors', async () => {
    // To update the list: npx vitest run --project unit test/infrastructure/acknowledgements.test.ts -u
    await expect(renderAcknowledgements(acknowledgements)).toMatchFileSnapshot(
      '../../docs/generated/nag-acknowledgements.md',
    );
  });
});
