/** What Secrets Manager hands to a rotation function ("Rotation by Lambda function", user guide). */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

export type RotationFunction = (event: RotationEvent) => Promise<void>;

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** The service repeats the whole rotation when a step fails. */
const attempts = 3;

/** Calls a rotation function as the service does: four steps in order, all of them again when one fails. */
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
