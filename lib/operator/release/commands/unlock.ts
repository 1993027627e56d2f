import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { awsClient } from '../../../aws/clients.ts';
import { ReleaseError } from '../../../aws/errors.ts';
import { usualLimits } from '../../../aws/patience.ts';
import { plainText } from '../../../aws/plain-text.ts';
import { contractParameterName } from '../../../config/contract.ts';
import { type Deployment, directoryUserOf, type Environment, type User } from '../../../config/index.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';
import { expectOwnAccount } from '../own-account.ts';
import { findService } from '../services.ts';

/** Seconds. The function waits for the directory; Lambda's own limit is the same. */
const functionLimit = 900;

export interface UnlockOptions {
  /** Asks the user; resolves to whether to continue. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/**
 * `release unlock <environment> [service]`: lets a service's directory user sign in again after a lockout, by calling
 * the function that rotates its password. CloudTrail records who looked up the function and what the function did in
 * the directory.
 */
export async function unlock(
  context: ReleaseContext,
  environmentName: string,
  serviceName: string,
  { confirm }: UnlockOptions,
): Promise<void> {
  const { deployment, print, json, waiting } = context;
  const environment = findEnvironment(deployment, environmentName);
  const clientOptions = { ...waiting, region: environment.region };
  const by = await expectOwnAccount(context, environment);
  const { name, secretArn } = userOf(deployment, environment, serviceName);
  if (secretArn !== undefined) {
    throw new ReleaseError(
      `${name} of ${environmentName} was given by the secret ${secretArn}: it must be unlocked by the administrator of its directory.`,
    );
  }
  const functionName = await rotationFunction(
    awsClient(SSMClient, clientOptions),
    contractParameterName(deployment, environment, 'domain', 'rotation-function'),
  );
  const user = `${name} of ${environmentName}`;
  if (!(await confirm(`Unlock ${user}? Its password is set again; find out first what locked it.`)))
    throw new ReleaseError('Nothing was changed.');
  const at = new Date().toISOString();
  // A single attempt with a long limit: a retry would only reach a function that is still running.
  const limits = { ...usualLimits, answer: functionLimit, call: functionLimit, attempts: 1 };
  const { FunctionError, Payload } = await awsClient(LambdaClient, { ...clientOptions, limits }).send(
    new InvokeCommand({
      FunctionName: functionName,
      Payload: JSON.stringify({ Action: 'unlock', User: name }),
    }),
  );
  const answer = readAnswer(Payload);
  if (FunctionError)
    throw new ReleaseError(`${user} was not unlocked: ${answer.errorMessage ?? FunctionError}`);
  const message = answer.message ?? 'The function returned no message.';
  print(
    json
      ? JSON.stringify({ environment: environmentName, by, at, message })
      : `${message} Asked by ${by} at ${at}.`,
  );
}

/** The directory user of web or of a further service. */
function userOf(
  deployment: Deployment,
  environment: Environment,
  service: string,
): Pick<User, 'name' | 'secretArn'> {
  const further = findService(deployment, environment, service);
  return further?.user ?? directoryUserOf(deployment, environment);
}

async function rotationFunction(client: SSMClient, Name: string): Promise<string> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name }));
    return Parameter?.Value ?? '';
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ParameterNotFound') throw error;
    throw new ReleaseError(
      `There is no parameter ${Name}: the domain of this environment is not deployed yet.`,
    );
  }
}

interface Answer {
  readonly message?: string;
  readonly errorMessage?: string;
}

function readAnswer(payload: Uint8Array | undefined): Answer {
  const text = Buffer.from(payload ?? []).toString('utf8');
  try {
    const { message, errorMessage } = (JSON.parse(text) ?? {}) as Answer;
    return {
      ...(message && { message: plainText(message) }),
      ...(errorMessage && { errorMessage: plainText(errorMessage) }),
    };
  } catch {
    return { errorMessage: `its function answered ${plainText(text).slice(0, 200) || 'nothing'}` };
  }
}
