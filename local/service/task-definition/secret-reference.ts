/** A value of Secrets Manager as a task definition names it. */
export interface SecretReference {
  readonly secretId: string;
  /** One key of a secret that is a JSON object; undefined: the whole secret. */
  readonly jsonKey: string | undefined;
  readonly versionStage: string | undefined;
  readonly versionId: string | undefined;
}

/**
 * Reads a `valueFrom`: `arn:aws:secretsmanager:region:account:secret:name[:json-key:version-stage:version-id]`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 * @throws Error when it is no secret of Secrets Manager
 */
export function readSecretReference(valueFrom: string): SecretReference {
  const parts = valueFrom.split(':');
  if (parts[0] !== 'arn' || parts[2] !== 'secretsmanager' || parts[5] !== 'secret' || !parts[6]) {
    throw new Error(`${valueFrom} is not the ARN of a secret in Secrets Manager.`);
  }
  const [jsonKey, versionStage, versionId] = parts.slice(7).map((part) => part || undefined);
  return { secretId: parts.slice(0, 7).join(':'), jsonKey, versionStage, versionId };
}

/**
 * Takes from a secret's text what the reference asks for.
 *
 * @throws Error that does not quote the secret
 */
export function secretValue({ secretId, jsonKey }: SecretReference, text: string): string {
  if (jsonKey === undefined) return text;
  let value: unknown;
  try {
    value = JSON.parse(text)[jsonKey];
  } catch {
    throw new Error(`The secret ${secretId} is not JSON, so it has no key ${jsonKey}.`);
  }
  if (value === undefined) throw new Error(`The secret ${secretId} has no key ${jsonKey}.`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
