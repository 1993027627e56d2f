/** The event that Secrets Manager passes to a rotation function (user guide, "Rotation by Lambda function"). */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

export type RotationFunction = (event: RotationEvent) => Promise<void>;

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** The service repeats the whole rotation when a step fails. */
const attempts = 3;

/** Calls a rotation function as the service does: four steps in order, all repeated if one fails. */
export async function driveRotation(
  rotate: RotationFunction,
  ids: Omit<RotationEvent, 'Step'>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      for (const Step of steps) await rotate({ Step, ...ids });
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}
