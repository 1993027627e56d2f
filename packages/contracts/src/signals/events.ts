import * as z from 'zod/mini';

/** The event that the rotation sends to the default bus once the new password is current. */
export const passwordRotatedEvent = {
  source: 'ecs-windows-authentication',
  detailType: 'Directory User Password Rotated',
} as const;

/** The detail of that event. */
export const passwordRotatedDetailSchema = z.strictObject({ secretArn: z.string(), versionId: z.string() });
export type PasswordRotatedDetail = z.output<typeof passwordRotatedDetailSchema>;
