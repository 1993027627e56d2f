/**
 * The deployment's configuration: what `cdk.json` may contain, how it is checked, and the names that follow from it.
 */
export { askedServices } from './asked-services.ts';
export { authoritiesOf } from './certificate-authorities.ts';
export { contains, reverseNames } from './cidr.ts';
export * from './contract.ts';
export type { ExistingDatabase, NewDatabase, NewDatabaseInput } from './database.ts';
export type { Deployment, DeploymentInput, Source } from './deployment.ts';
export * from './directory.ts';
export { type Domain, netbiosName } from './domain.ts';
export type { Environment } from './environment.ts';
export { type GivenImage, partsOf } from './given-image.ts';
export { givenUsersKey, givenUsersOf } from './given-users.ts';
export * from './images.ts';
export { ConfigurationError, loadDeployment } from './load-deployment.ts';
export { type EnvironmentNames, namesOf, serviceNamesOf } from './names.ts';
export * from './network.ts';
export { namedOfOthers } from './others.ts';
export * from './reach.ts';
export { type Route, rulePriority, webPriority } from './route.ts';
export { runbookSection } from './runbook.ts';
export {
  type FurtherService,
  type FurtherWeb,
  furtherServices,
  type Job,
  mostTasks,
  redeploysOnRotation,
  routedServices,
  type Worker,
  webServices,
} from './services.ts';
export { sourceAddress } from './source-address.ts';
export * from './sql-server.ts';
export {
  directoryUserOf,
  type GivenUser,
  type NewUser,
  type User,
  type UserSettings,
  user,
  userFrom,
  userProblems,
} from './user.ts';
export { rolesOfWeb } from './user-roles.ts';
