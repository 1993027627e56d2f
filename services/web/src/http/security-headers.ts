import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

/**
 * Nothing but this service's own style sheet, fonts and pictures may load, and no script at all may run.
 * See https://www.w3.org/TR/CSP3/ and https://owasp.org/www-project-secure-headers/.
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
  // Not for subdomains: which of them speak HTTPS is for their owners to say.
  strictTransportSecurity: 'max-age=31536000',
});

/** The same headers for answers that are given before the app is asked. */
export async function securityHeaderValues(): Promise<Record<string, string>> {
  const answer = await new Hono()
    .use(securityHeaders)
    .get('/', (c) => c.body(null))
    .request('/');
  return Object.fromEntries(answer.headers);
}
