// Loaded before the application, with --require or --import.
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { TediousInstrumentation } = require('@opentelemetry/instrumentation-tedious');
const { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');

const exporter = new InMemorySpanExporter();
const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
registerInstrumentations({ tracerProvider, instrumentations: [new TediousInstrumentation()] });
globalThis.finishedSpans = () => exporter.getFinishedSpans();
