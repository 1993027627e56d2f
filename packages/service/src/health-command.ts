/** A container's health command: ends with 0 when the address answers with success, with 1 when not; one line says which. */
export async function askHealth(address: string): Promise<void> {
  try {
    const { status, ok } = await fetch(address, { signal: AbortSignal.timeout(3000) });
    console.log(`${address} answers ${status}`);
    process.exitCode = ok ? 0 : 1;
  } catch (error) {
    console.log(`${address} does not answer: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
