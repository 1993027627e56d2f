import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import type { Progress } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { respond } from './respond.ts';
import { sentence } from './sentence.ts';

/** A kind of custom resource. Each method may be run again after it died at any point. */
export interface CustomResource<Properties> {
  /** The schema of its properties; CloudFormation passes every value as text. */
  readonly form: z.ZodMiniType<Properties>;
  /**
   * The properties that the function's environment fixes (`PINNED`, a JSON text of the same shape), so that a caller of
   * the function cannot make it act on anything else.
   */
  pins(properties: Properties): Readonly<Record<string, string>>;
  /** If this changes, it is another resource, and CloudFormation then deletes the old one. */
  physicalId(properties: Properties): string;
  /** Creates or updates. @returns attributes that templates can read */
  apply(properties: Properties, run: Run): Promise<Readonly<Record<string, string>>>;
  /** Removes what this resource made. If that fails, the rest stays, and CloudFormation is told that it succeeded. */
  remove(properties: Properties, run: Run): Promise<void>;
}

export interface Run {
  /** Distinguishes this resource from all others, also from those of other stacks; at most 100 characters. */
  readonly owner: string;
  readonly progress: Progress;
}

/** Milliseconds before the function's time limit at which it reports to CloudFormation that the time was too short. */
const reserve = 20_000;

/**
 * Creates the Lambda handler of a custom resource. It answers CloudFormation whatever happens, with an error message if
 * it failed. It logs neither the response's address nor any property.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export function customResourceHandler<Properties>(resource: CustomResource<Properties>) {
  return async (
    event: CloudFormationCustomResourceEvent,
    context: Pick<Context, 'getRemainingTimeInMillis' | 'logStreamName'>,
  ): Promise<void> => {
    const progress: Progress = (message) =>
      console.log(JSON.stringify({ request: event.RequestType, resource: event.LogicalResourceId, message }));
    const properties = resource.form.safeParse(event.ResourceProperties);
    const known = 'PhysicalResourceId' in event ? event.PhysicalResourceId : undefined;
    const physicalId = properties.success
      ? resource.physicalId(properties.data)
      : (known ?? `${event.LogicalResourceId}-${event.RequestId}`);
    const milliseconds = Math.max(0, context.getRemainingTimeInMillis() - reserve);
    const run: Run = { owner: ownerOf(event), progress };

    /**
     * Does not let a failed removal hold up the deletion or the roll-back of the stack. Anything that could not be
     * removed, perhaps because it was never made, is left and reported in a log line that the alarm counts.
     */
    async function removeOrLeave(data: Properties): Promise<void> {
      try {
        refuseUnpinned(resource.pins(data));
        await inTime(resource.remove(data, run), milliseconds);
      } catch (error) {
        const message = `It is left as it is: ${sentence(error)}`;
        console.error(
          JSON.stringify({ request: event.RequestType, resource: event.LogicalResourceId, message }),
        );
      }
    }

    async function work(): Promise<Readonly<Record<string, string>>> {
      if (event.RequestType === 'Delete') {
        // A resource with invalid properties was never made.
        if (properties.success) await removeOrLeave(properties.data);
        return {};
      }
      if (!properties.success) {
        const [issue] = properties.error.issues;
        throw new ProvisioningError(`The property ${issue?.path.join('.')} is wrong: ${issue?.message}.`);
      }
      refuseUnpinned(resource.pins(properties.data));
      return await resource.apply(properties.data, run);
    }

    try {
      const attributes = await (event.RequestType === 'Delete' ? work() : inTime(work(), milliseconds));
      // The response to a deletion must have the id of the request.
      const id = event.RequestType === 'Delete' ? (known ?? physicalId) : physicalId;
      await respond(event, { status: 'SUCCESS', physicalId: id, attributes });
    } catch (error) {
      const reason = sentence(error);
      console.error(
        JSON.stringify({ request: event.RequestType, resource: event.LogicalResourceId, reason }),
      );
      await respond(event, {
        status: 'FAILED',
        physicalId: known ?? physicalId,
        reason: `${reason} (log stream ${context.logStreamName})`,
      });
    }
  };
}

function refuseUnpinned(given: Readonly<Record<string, string>>): void {
  const pinned = JSON.parse(process.env.PINNED ?? '{}') as Record<string, string>;
  const other = Object.keys(given).find((key) => given[key] !== pinned[key]);
  if (other === undefined) return;
  throw new ProvisioningError(
    `This function is not for this ${other}: its environment (PINNED) names another; deploy its stack, rather than invoke it.`,
  );
}

/** The stack's unique id and the resource's name in it. */
function ownerOf({ StackId, LogicalResourceId }: CloudFormationCustomResourceEvent): string {
  return `${StackId.split('/').at(-1)}/${LogicalResourceId}`.slice(0, 100);
}

async function inTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = Math.round(milliseconds / 1000);
    reject(
      new ProvisioningError(
        `The work was not done within ${seconds} s: deploy again, it goes on from where it stopped.`,
      ),
    );
  }, milliseconds);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
