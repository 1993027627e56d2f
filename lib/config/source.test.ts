import { describe, expect, test } from 'vitest';
import { exampleInput } from '../../test/infrastructure/example-deployment.ts';
import { loadDeployment } from './index.ts';

const arn = `arn:aws:codeconnections:eu-central-1:111111111111:connection/${'0'.repeat(8)}`;
const shared = arn.replace('111111111111', '444444444444');
const older = (one: string) => one.replace('codeconnections', 'codestar-connections');
const withSource = (values: object) =>
  loadDeployment({ ...exampleInput, source: { ...exampleInput.source, ...values } as never });

describe('A connection, where the tools account is 111111111111,', () => {
  test.each([
    { connectionArn: arn },
    { connectionArn: arn.replace('eu-central-1', 'us-east-1') },
    { connectionArn: older(arn) },
    { connectionArn: arn, ownerAccount: '111111111111' },
    { connectionArn: shared, ownerAccount: '444444444444' },
  ])('is accepted: %j', (values) => {
    expect(withSource(values).source).toMatchObject(values);
  });

  test.each([
    [{ connectionArn: shared }, 'a connection of the account 111111111111, unless ownerAccount names'],
    [{ connectionArn: arn.replace(/\d{12}/, '000000000000') }, 'a connection of the account 111111111111'],
    [{ connectionArn: shared, ownerAccount: '111111111111' }, 'a connection of the account 111111111111'],
    [{ connectionArn: shared, ownerAccount: '333333333333' }, 'a connection of the account 333333333333'],
    [{ connectionArn: arn, ownerAccount: '444444444444' }, 'a connection of the account 444444444444'],
    [{ connectionArn: older(shared), ownerAccount: '444444444444' }, 'those of codestar-connections cannot'],
    [{ connectionArn: shared, ownerAccount: '000000000000' }, 'an AWS account number'],
    [{ connectionArn: shared, ownerAccount: '1' }, 'an AWS account number'],
    [{ connectionArn: shared.replace('arn:aws:', 'arn:aws-cn:') }, 'the ARN of a CodeConnections connection'],
  ])('is refused in one sentence: %j', (values, what) => {
    const said = expect.toSatisfy((message: string) => !message.includes('\n') && message.includes(what));
    expect(() => withSource(values)).toThrow(expect.objectContaining({ message: said }));
  });
});
