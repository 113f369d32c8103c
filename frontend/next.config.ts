import type { NextConfig } from "next";

/** On every answer that Next gives, static files included; the CSP, which needs a nonce, is in src/proxy.ts. */
const securityHeaders = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  {
    key: "Permissions-Policy",
    value:
      "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=(), browsing-topics=()",
  },
];

/** Only for `next dev`: in production a reverse proxy puts the API on this origin (docs/architecture.md). */
const devApi = process.env.NODE_ENV === "development" ? process.env.EASEL_API_INTERNAL_URL : undefined;
const apiPaths = ["/api/:path*", "/v1/:path*", "/sdapi/:path*", "/healthz", "/readyz", "/metrics"];

const nextConfig: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // Pictures come ready-made (thumbnails, signed URLs) from the API: the optimiser would only be in the way.
  images: { unoptimized: true },
  // `npm run typecheck` is the gate; a build on someone's machine need not pay for it again.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    optimizePackageImports: ["lucide-react"],
    // Fewer and larger files than by default: what is compressed together is smaller.
    turbopackChunking: { minChunkSize: 100_000 },
  },
  headers: () => Promise.resolve([{ source: "/:path*", headers: securityHeaders }]),
  rewrites: () => Promise.resolve(devApi ? apiPaths.map((source) => ({ source, destination: `${devApi}${source}` })) : []),
};

export default nextConfig;
