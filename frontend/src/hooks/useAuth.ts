import { useContext } from "react";
import { type Auth, AuthContext } from "@/context/AuthContext";

export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an AuthProvider above it");
  return auth;
}
