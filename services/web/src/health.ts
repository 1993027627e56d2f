/**
 * The container's health command: ends with 0 when the process answers on its own port, with 1 when not; one line says
 * which. Whether it can serve is the load balancer's question (/healthz), not a reason to replace the container.
 */
const { HOST = '0.0.0.0', PORT = '8080' } = process.env;
const host =
  HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '[::1]' : HOST.includes(':') ? `[${HOST}]` : HOST;
const address = `http://${host}:${PORT}/livez`;

try {
  const { status, ok } = await fetch(address, { signal: AbortSignal.timeout(3000) });
  console.log(`${address} answers ${status}`);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.log(`${address} does not answer: ${(error as Error).message}`);
  process.exitCode = 1;
}
