import type { MetadataRoute } from "next";

/** Pages say for themselves whether they may be found (`robots` in their metadata); answers of the API never are. */
export default function robots(): MetadataRoute.Robots {
  return { rules: { userAgent: "*", disallow: ["/api/", "/v1/", "/sdapi/"] } };
}
