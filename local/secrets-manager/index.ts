export type { Call, Fault, FaultPlan } from './faults.ts';
export type { RotationEvent, RotationFunction } from './rotation.ts';
export { type SecretsManager, type SecretsManagerOptions, startSecretsManager } from './server.ts';
