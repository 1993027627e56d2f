import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { randomPassword, randomPasswordInput } from './random-password.ts';
import { attachLabel, CURRENT, labelsOf, PENDING, type Secret } from './secret.ts';
import type { SecretStore } from './secret-store.ts';
import { ServiceError } from './service-error.ts';

type Operation = (store: SecretStore, input: unknown) => object;

const id = { SecretId: z.string().min(1).max(2048) };
// The SDK provides it; the length limits are from the API reference.
const token = { ClientRequestToken: z.string().min(32).max(64).default(randomUUID) };

function operation<Input>(
  schema: z.ZodType<Input>,
  run: (store: SecretStore, input: Input) => object,
): Operation {
  return (store, json) => {
    const input = schema.safeParse(json);
    if (input.success) return run(store, input.data);
    const [issue] = input.error.issues;
    throw new ServiceError('InvalidParameterException', `${issue?.path.join('.')}: ${issue?.message}`);
  };
}

/** The operations that this endpoint supports, according to the Secrets Manager API reference (2017-10-17). */
export const operations: Readonly<Record<string, Operation>> = {
  CreateSecret: operation(
    z.object({
      Name: z.string().regex(/^[\w/+=.@-]{1,512}$/),
      SecretString: z.string().min(1).optional(),
      Description: z.string().optional(),
      ...token,
    }),
    (store, { Name, SecretString, Description, ClientRequestToken }) => {
      const known = store.find(Name);
      if (known) {
        const sameRequest =
          known.versions[ClientRequestToken] !== undefined &&
          known.versions[ClientRequestToken].value === SecretString;
        if (known.deletionAt !== undefined) {
          throw new ServiceError(
            'InvalidRequestException',
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
          );
        }
        if (!sameRequest) {
          throw new ServiceError(
            'ResourceExistsException',
            `The operation failed because the secret ${Name} already exists.`,
          );
        }
        return { ARN: known.arn, Name, VersionId: ClientRequestToken };
      }
      const { arn } = store.add(Name);
      return store.write(arn, (secret) => {
        if (Description !== undefined) secret.description = Description;
        if (SecretString === undefined) return { ARN: arn, Name };
        secret.versions[ClientRequestToken] = { value: SecretString, createdAt: seconds() };
        attachLabel(secret, CURRENT, ClientRequestToken);
        return { ARN: arn, Name, VersionId: ClientRequestToken };
      });
    },
  ),

  DescribeSecret: operation(z.object(id), (store, { SecretId }) => {
    const secret = store.read(SecretId);
    return {
      ...names(secret),
      Description: secret.description,
      DeletedDate: secret.deletionAt,
      RotationEnabled: secret.rotation?.functionArn !== undefined,
      RotationLambdaARN: secret.rotation?.functionArn,
      RotationRules: secret.rotation && { AutomaticallyAfterDays: secret.rotation.afterDays },
      LastRotatedDate: secret.rotation?.lastRotatedAt,
      VersionIdsToStages: Object.fromEntries(
        [...new Set(Object.values(secret.labels))].map((versionId) => [
          versionId,
          labelsOf(secret, versionId),
        ]),
      ),
    };
  }),

  GetSecretValue: operation(
    z.object({ ...id, VersionId: z.string().optional(), VersionStage: z.string().optional() }),
    (store, { SecretId, VersionId, VersionStage }) => {
      const secret = alive(store.read(SecretId));
      const stage = VersionStage ?? (VersionId === undefined ? CURRENT : undefined);
      const versionId = VersionId ?? secret.labels[stage as string];
      const version = secret.versions[versionId as string];
      if (versionId === undefined || version?.value === undefined) {
        const which = stage === undefined ? `VersionId: ${VersionId}` : `staging label: ${stage}`;
        throw new ServiceError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for ${which}`,
        );
      }
      if (stage !== undefined && secret.labels[stage] !== versionId) {
        throw new ServiceError(
          'InvalidRequestException',
          'You provided a VersionStage that is not associated to the provided VersionId.',
        );
      }
      return {
        ...names(secret),
        VersionId: versionId,
        SecretString: version.value,
        VersionStages: labelsOf(secret, versionId),
        CreatedDate: version.createdAt,
      };
    },
  ),

  PutSecretValue: operation(
    z.object({
      ...id,
      ...token,
      SecretString: z.string().min(1),
      VersionStages: z.array(z.string()).min(1).default([CURRENT]),
    }),
    (store, { SecretId, ClientRequestToken: versionId, SecretString, VersionStages }) =>
      store.write(SecretId, (secret) => {
        alive(secret);
        const known = secret.versions[versionId]?.value;
        if (known !== undefined && known !== SecretString) {
          throw new ServiceError(
            'ResourceExistsException',
            `You can't modify an existing version, you can only create a new version: ${versionId} has another value.`,
          );
        }
        if (known === undefined) {
          secret.versions[versionId] = { value: SecretString, createdAt: seconds() };
          const stages = secret.labels[CURRENT] === undefined ? [...VersionStages, CURRENT] : VersionStages;
          for (const stage of stages) attachLabel(secret, stage, versionId);
        }
        return { ...names(secret), VersionId: versionId, VersionStages: labelsOf(secret, versionId) };
      }),
  ),

  UpdateSecretVersionStage: operation(
    z.object({
      ...id,
      VersionStage: z.string(),
      MoveToVersionId: z.string().optional(),
      RemoveFromVersionId: z.string().optional(),
    }),
    (store, { SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId }) =>
      store.write(SecretId, (secret) => {
        alive(secret);
        const holder = secret.labels[VersionStage];
        if (MoveToVersionId !== undefined && secret.versions[MoveToVersionId] === undefined) {
          throw new ServiceError(
            'ResourceNotFoundException',
            `Secrets Manager can't find the specified secret value for VersionId: ${MoveToVersionId}`,
          );
        }
        const moves = holder !== undefined && holder !== MoveToVersionId;
        if (RemoveFromVersionId !== undefined ? holder !== RemoveFromVersionId : moves) {
          throw new ServiceError(
            'InvalidParameterException',
            `The staging label ${VersionStage} is currently attached to version ${holder}. ` +
              'You must explicitly reference that version in RemoveFromVersionId.',
          );
        }
        if (MoveToVersionId !== undefined) attachLabel(secret, VersionStage, MoveToVersionId);
        else if (VersionStage === CURRENT) {
          throw new ServiceError(
            'InvalidParameterException',
            'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
          );
        } else delete secret.labels[VersionStage];
        return names(secret);
      }),
  ),

  RotateSecret: operation(
    z.object({
      ...id,
      ...token,
      RotationLambdaARN: z.string().optional(),
      RotationRules: z
        .object({ AutomaticallyAfterDays: z.number().int().min(1).max(1000).optional() })
        .optional(),
      RotateImmediately: z.boolean().default(true),
    }),
    (store, { SecretId, ClientRequestToken, RotationLambdaARN, RotationRules, RotateImmediately }) =>
      store.write(SecretId, (secret) => {
        alive(secret);
        const functionArn = RotationLambdaARN ?? secret.rotation?.functionArn;
        if (functionArn === undefined) {
          throw new ServiceError(
            'InvalidRequestException',
            'No Lambda rotation function ARN is associated with this secret.',
          );
        }
        const pending = secret.labels[PENDING];
        if (pending !== undefined && pending !== secret.labels[CURRENT] && pending !== ClientRequestToken) {
          throw new ServiceError(
            'InvalidRequestException',
            "A previous rotation isn't complete. That rotation will be reattempted.",
          );
        }
        const afterDays = RotationRules?.AutomaticallyAfterDays ?? secret.rotation?.afterDays;
        secret.rotation = {
          ...secret.rotation,
          functionArn,
          ...(afterDays !== undefined && { afterDays }),
        };
        if (!RotateImmediately) return names(secret);
        // The service passes its function an empty version that already has the label.
        secret.versions[ClientRequestToken] ??= { createdAt: seconds() };
        attachLabel(secret, PENDING, ClientRequestToken);
        return { ...names(secret), VersionId: ClientRequestToken };
      }),
  ),

  DeleteSecret: operation(
    z.object({
      ...id,
      ForceDeleteWithoutRecovery: z.boolean().default(false),
      RecoveryWindowInDays: z.number().int().min(7).max(30).default(30),
    }),
    (store, { SecretId, ForceDeleteWithoutRecovery, RecoveryWindowInDays }) => {
      const deletionAt = seconds() + RecoveryWindowInDays * 86_400;
      const secret = store.write(SecretId, (it) => Object.assign(it, { deletionAt }));
      if (ForceDeleteWithoutRecovery) store.remove(secret.name);
      return { ...names(secret), DeletionDate: ForceDeleteWithoutRecovery ? seconds() : deletionAt };
    },
  ),

  GetRandomPassword: operation(randomPasswordInput, (_, input) => ({
    RandomPassword: randomPassword(input),
  })),
};

function alive(secret: Secret): Secret {
  if (secret.deletionAt !== undefined) {
    throw new ServiceError(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  return secret;
}

function names(secret: Secret) {
  return { ARN: secret.arn, Name: secret.name };
}

function seconds(): number {
  return Date.now() / 1000;
}
