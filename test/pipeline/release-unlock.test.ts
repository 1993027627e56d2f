import { afterEach, expect, test } from 'vitest';
import { httpPeer, type Peer } from '../aws/peers.ts';
import { exampleDeployment, exampleServices } from '../infrastructure/example-deployment.ts';
import { deployment, type Harness, startHarness } from './release-harness.ts';

let peer: Peer | undefined;
let harness: Harness | undefined;
afterEach(async () => {
  await harness?.stop();
  await peer?.stop();
});

/** STS, Systems Manager and Lambda of one account, in their wire formats; records the invocations of the function. */
async function account(
  number: string,
  answer: { error?: string; payload: string; status?: number },
  deployed = deployment,
) {
  const asked: string[] = [];
  harness = await startHarness({}, undefined, undefined, deployed);
  peer = await httpPeer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const target = request.headers['x-amz-target'];
      if (target === 'AmazonSSM.GetParameter') {
        const { Name } = JSON.parse(body) as { Name: string };
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify({ Parameter: { Name, Value: 'the-rotation' } }));
      } else if (request.url?.startsWith('/2015-03-31/functions/')) {
        asked.push(`${request.url} ${body}`);
        if (answer.error) response.setHeader('x-amz-function-error', answer.error);
        response.setHeader('content-type', 'application/json');
        response.statusCode = answer.status ?? 200;
        response.end(answer.payload);
      } else {
        response.setHeader('content-type', 'text/xml');
        response.end(
          `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${number}</Account><Arn>arn:aws:iam::${number}:user/ada</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
        );
      }
    });
  });
  process.env.AWS_ENDPOINT_URL = peer.url;
  return { asked, release: harness.release };
}

const good = { payload: '{"message":"db-user can sign in."}' };

test('the function is called once; its answer is shown, with the caller and the time', async () => {
  const { release, asked } = await account('222222222222', good);
  const { output, exitCode } = await release('unlock', 'staging', '--yes');
  expect(output).toMatch(
    /^db-user can sign in\. Asked by arn:aws:iam::222222222222:user\/ada at \d{4}-\d\d-\d\dT[\d:.]+Z\.$/,
  );
  expect(asked).toEqual([
    '/2015-03-31/functions/the-rotation/invocations {"Action":"unlock","User":"db-user"}',
  ]);
  expect(exitCode).toBe(0);
});

test.each([
  [
    { error: 'Unhandled', payload: '{"errorMessage":"unlock: the \\u001b[2Jdirectory is not Active."}' },
    /was not unlocked: unlock: the directory is not Active\.$/,
  ],
  [{ error: 'Unhandled', payload: '' }, /was not unlocked: its function answered nothing$/],
])('a failure of the function is reported: %j', async (answer, sentence) => {
  const { release } = await account('222222222222', answer);
  const { error, exitCode } = await release('unlock', 'staging', '--yes');
  expect(error).toMatch(sentence);
  expect(exitCode).toBe(1);
});

test('a call of the function that gets no answer is not repeated, as the first may still be running', async () => {
  const { release, asked } = await account('222222222222', { payload: '{}', status: 500 });
  expect((await release('unlock', 'staging', '--yes')).exitCode).toBe(1);
  expect(asked).toHaveLength(1);
});

test('unlocking a user that the configuration gives is left to the administrators of its directory', async () => {
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/svc-music-AbCdEf';
  const environments = deployment.environments.map((environment) => ({
    ...environment,
    user: { name: 'svc-music', secretArn, rotation: 'own-password' as const, rotationDays: 30 },
  }));
  const { release, asked } = await account('222222222222', good, { ...deployment, environments });
  expect((await release('unlock', 'staging', '--yes')).error).toBe(
    `svc-music of staging was given by the secret ${secretArn}: it must be unlocked by the administrator of its directory.`,
  );
  expect(asked).toEqual([]);
});

test('the same applies to the given user of a service when the user of web is created here', async () => {
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/svc-worker-AbCdEf';
  const given = exampleDeployment((input) => {
    input.services = exampleServices;
    const [staging] = input.environments;
    if (staging) staging.services = { worker: { user: { name: 'SvcWorker', secretArn } } };
  });
  const { release, asked } = await account('222222222222', good, given);
  expect((await release('unlock', 'staging', 'worker', '--yes')).error).toBe(
    `SvcWorker of staging was given by the secret ${secretArn}: it must be unlocked by the administrator of its directory.`,
  );
  expect(asked).toEqual([]);
  expect((await release('unlock', 'staging', 'job', '--yes')).exitCode).toBe(0);
});

test('without --yes, or with credentials of another account, the function is not called', async () => {
  const { release, asked } = await account('222222222222', good);
  expect((await release('unlock', 'staging')).error).toContain('Nobody can be asked here: add --yes.');
  expect((await release('unlock', 'production', '--yes')).error).toContain(
    'These credentials are for the account 222222222222, and production is in 333333333333',
  );
  expect(asked).toEqual([]);
});
