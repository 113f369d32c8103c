import type { FieldValues, Resolver } from "react-hook-form";
import type { ZodMiniType } from "zod/mini";

/** A zod resolver that is fetched, with its schema, at the first validation rather than with the page. */
export function lazyResolver<T extends FieldValues>(loadSchema: () => Promise<ZodMiniType<T, T>>): Resolver<T> {
  return async (values, context, options) => {
    const [{ zodResolver }, schema] = await Promise.all([import("@hookform/resolvers/zod"), loadSchema()]);
    return zodResolver(schema)(values, context, options);
  };
}
