import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One finding of a validation plugin, or one that somebody has acknowledged. */
export interface Finding {
  readonly ruleName: string;
  readonly description: string;
  readonly severity?: string;
  readonly acknowledgedId?: string;
  /** The path of the construct next to which it was acknowledged. */
  readonly acknowledgedAt?: string;
  readonly reason?: string;
  readonly violatingConstructs: readonly { readonly constructPath: string }[];
}

export interface PluginReport {
  readonly pluginName: string;
  readonly conclusion: 'success' | 'failure';
  readonly violations: readonly Finding[];
  readonly suppressedViolations?: readonly Finding[];
}

/** What all plugins have found, by the name of the plugin. */
export type ValidationReport = ReadonlyMap<string, PluginReport>;

/** Reads the report that a synthesis has written beside its templates. */
export function readReport(directory: string): ValidationReport {
  const { pluginReports } = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as {
    pluginReports: PluginReport[];
  };
  return new Map(pluginReports.map((report) => [report.pluginName, report]));
}
