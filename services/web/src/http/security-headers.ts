import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

/**
 * Allows only this service's own style sheet, fonts and pictures, and no scripts. See https://www.w3.org/TR/CSP3/ and
 * https://owasp.org/www-project-secure-headers/.
 */
export const securityHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    fontSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'none'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  permissionsPolicy: { camera: false, geolocation: false, microphone: false, payment: false, usb: false },
  xFrameOptions: 'DENY',
  // Subdomains are not included, because their owners decide which of them speak HTTPS.
  strictTransportSecurity: 'max-age=31536000',
});

/** The same headers, for answers that are sent without calling the app. */
export async function securityHeaderValues(): Promise<Record<string, string>> {
  const answer = await new Hono()
    .use(securityHeaders)
    .get('/', (c) => c.body(null))
    .request('/');
  return Object.fromEntries(answer.headers);
}
