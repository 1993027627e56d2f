/**
 * Whether the registry of an image can be reached from here and speaks the registry protocol (OCI Distribution
 * Specification, "/v2/": 200, or 401 before a login). A proxy's own error page does not count.
 *
 * @param image with or without the host name of a registry; the default is Docker Hub
 * @returns within three seconds
 */
export async function registryAnswers(image: string): Promise<boolean> {
  const first = image.split('/')[0] ?? '';
  const host = image.includes('/') && /[.:]/.test(first) ? first : 'registry-1.docker.io';
  try {
    const response = await fetch(`https://${host}/v2/`, { signal: AbortSignal.timeout(3000) });
    return [200, 401].includes(response.status) && response.headers.has('docker-distribution-api-version');
  } catch {
    return false;
  }
}
