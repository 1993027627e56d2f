import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A finding of a validation plugin; it may have been acknowledged. */
export interface Finding {
  readonly ruleName: string;
  readonly description: string;
  readonly severity?: string;
  readonly acknowledgedId?: string;
  /** The path of the construct at which it was acknowledged. */
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

/** The reports of all plugins, by the plugin's name. */
export type ValidationReport = ReadonlyMap<string, PluginReport>;

/** Reads the report that a synthesis writes next to its templates. */
export function readReport(directory: string): ValidationReport {
  const { pluginReports } = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as {
    pluginReports: PluginReport[];
  };
  return new Map(pluginReports.map((report) => [report.pluginName, report]));
}
