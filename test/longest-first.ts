import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest files. If one of them started last, it would run alone while other processors are idle. */
const long = [
  'test/pipeline/builds.e2e.test.ts',
  'test/rehearsal/rehearsal.e2e.test.ts',
  'services/sidecar/test/sidecar.e2e.test.ts',
  'test/faults/failover.e2e.test.ts',
  'test/faults/rotation.e2e.test.ts',
  'packages/tedious-kerberos/test/fresh-project.e2e.test.ts',
  'services/sidecar/test/doctor.e2e.test.ts',
  'local/rehearsal/doctor/doctor.e2e.test.ts',
  'services/sidecar/test/failures.e2e.test.ts',
  'test/pipeline/synthesized.test.ts',
  'test/pipeline/own-tools.test.ts',
  'test/pipeline/base-images.test.ts',
  'services/provisioning/test/slow-services.test.ts',
  'test/pipeline/unchanged-images.test.ts',
  'services/provisioning/test/database-interrupted.test.ts',
  'test/infrastructure/pairs.test.ts',
  'services/provisioning/test/directory-user-interrupted.test.ts',
  'test/pipeline/silent-aws.test.ts',
  'test/infrastructure/estate.test.ts',
  'test/pipeline/audit.test.ts',
  'packages/cdk-kerberos-sidecar/test/published-package.test.ts',
  'test/infrastructure/web-services.test.ts',
  'test/infrastructure/configurations.test.ts',
  'test/pipeline/limits.test.ts',
];

/**
 * Runs the slowest files first. If one vitest runs both projects, end-to-end tests come first, because unit tests share a
 * process only with the files before and after them. No result depends on the order.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const place = long.findIndex((file) => moduleId.endsWith(`/${file}`));
      return (project.name === 'unit' ? 1000 : 0) + (place === -1 ? long.length : place);
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
