import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Buildspec } from '../../../lib/constructs/common/buildspec.ts';

/** Output files of a build, as paths relative to a directory. */
export interface CollectedFiles {
  readonly baseDirectory: string;
  readonly files: readonly string[];
}

interface FileSelection {
  readonly files?: string | string[] | undefined;
  readonly 'base-directory'?: string | undefined;
}

/** The report files of each report group. A pattern without matches gives an empty list, as in CodeBuild. */
export function collectReports(buildspec: Buildspec, directory: string): Record<string, CollectedFiles> {
  return Object.fromEntries(
    Object.entries(buildspec.reports ?? {}).map(([group, report]) => [group, collect(report, directory)]),
  );
}

/**
 * The artifact files of a successful build: the primary artifact under `''`, the others by name.
 *
 * @throws Error when a pattern matches nothing; CodeBuild fails such a build with CLIENT_ERROR
 */
export function collectArtifacts(buildspec: Buildspec, directory: string): Record<string, CollectedFiles> {
  const { artifacts } = buildspec;
  if (!artifacts) return {};
  const selections = artifacts['secondary-artifacts'] ?? { '': artifacts };
  return Object.fromEntries(
    Object.entries(selections).map(([name, selection]) => {
      const collected = collect(selection, directory);
      if (collected.files.length === 0) {
        throw new Error(`no matching artifact paths found for ${JSON.stringify(selection.files)}`);
      }
      return [name, collected];
    }),
  );
}

function collect(selection: FileSelection, directory: string): CollectedFiles {
  const baseDirectory = join(directory, selection['base-directory'] ?? '.');
  const files = globSync([selection.files ?? []].flat(), { cwd: baseDirectory }).filter((file) =>
    statSync(join(baseDirectory, file)).isFile(),
  );
  return { baseDirectory, files: files.sort() };
}
