export interface PolicyOptions {
  nonce: string;
  https: boolean;
  development: boolean;
  /** Where pictures may come from besides this origin (S3, a CDN), by space. */
  imageOrigins: string;
}

export function newNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}

/** Only plain http(s) origins: a setting must not be able to add another directive. */
function origins(list: string): string[] {
  return list.split(/\s+/).filter((origin) => /^https?:\/\/[a-z0-9.*:-]+$/i.test(origin));
}

/**
 * Scripts run by nonce only. Styles are still allowed inline: React writes `style` attributes on the server, and sonner
 * and Base UI add style elements of their own.
 */
export function contentSecurityPolicy({ nonce, https, development, imageOrigins }: PolicyOptions): string {
  const directives: Record<string, string[]> = {
    "default-src": ["'self'"],
    "script-src": ["'self'", `'nonce-${nonce}'`, "'strict-dynamic'", ...(development ? ["'unsafe-eval'"] : [])],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:", ...origins(imageOrigins)],
    "font-src": ["'self'"],
    "connect-src": ["'self'", ...(development ? ["ws:"] : [])],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
  };
  if (https) directives["upgrade-insecure-requests"] = [];
  return Object.entries(directives)
    .map(([name, values]) => [name, ...values].join(" "))
    .join("; ");
}
