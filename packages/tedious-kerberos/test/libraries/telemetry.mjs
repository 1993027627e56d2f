// As telemetry.cjs, with OpenTelemetry's loader hook besides.
import { register } from 'node:module';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
await import('./telemetry.cjs');
