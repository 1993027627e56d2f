/** One version of a secret. */
export interface SecretVersion {
  /** Absent in the empty version with which a rotation starts. */
  value?: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

/** A secret with its versions and their staging labels. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  description?: string;
  readonly versions: Record<string, SecretVersion>;
  /** Staging label → version id; each label is attached to at most one version. */
  readonly labels: Record<string, string>;
  rotation?: { functionArn?: string; afterDays?: number; lastRotatedAt?: number };
  /** Seconds since the epoch; a secret scheduled for deletion can be neither read nor written. */
  deletionAt?: number;
}

export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
const PREVIOUS = 'AWSPREVIOUS';

/**
 * Attaches a label to a version. Attaching `AWSCURRENT` moves `AWSPREVIOUS` to the version that had it
 * (UpdateSecretVersionStage and PutSecretValue in the Secrets Manager API reference).
 */
export function attachLabel(secret: Secret, label: string, versionId: string): void {
  const before = secret.labels[label];
  if (label === CURRENT && before !== undefined && before !== versionId) secret.labels[PREVIOUS] = before;
  secret.labels[label] = versionId;
}

/** The staging labels of one version. */
export function labelsOf(secret: Secret, versionId: string): string[] {
  return Object.keys(secret.labels).filter((label) => secret.labels[label] === versionId);
}
