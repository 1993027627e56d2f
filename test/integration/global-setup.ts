import type { TestProject } from 'vitest/node';
import { type ReadinessResult, waitUntilReady } from './readiness.ts';
import { readSettings, type Settings } from './settings.ts';

declare module 'vitest' {
  interface ProvidedContext {
    settings: Settings;
    readiness: ReadinessResult;
  }
}

/** Waits for web. If web does not become ready, the suite fails with that result, so that the report includes it. */
export default async function setup(project: TestProject): Promise<void> {
  const settings = readSettings(process.env);
  project.provide('settings', settings);
  if (!settings.web) return;
  console.log(`Waiting for ${settings.serviceUrl} to be ready, at most ${settings.readySeconds} s`);
  const readiness = await waitUntilReady(settings.serviceUrl, settings.readySeconds, (answer) =>
    console.log(`  ${answer}`),
  );
  project.provide('readiness', readiness);
}
