/** The container's health command: ends with 0 when the worker goes on with its rounds, with 1 when not; one line says which. */
const address = `http://127.0.0.1:${process.env.HEALTH_PORT ?? '8080'}/`;

try {
  const { status, ok } = await fetch(address, { signal: AbortSignal.timeout(3000) });
  console.log(`${address} answers ${status}`);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.log(`${address} does not answer: ${(error as Error).message}`);
  process.exitCode = 1;
}
