// The order matters: browsers name those that they descend from as well.
const BROWSERS = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\b(Headless)?Chrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/\bcurl\//, "curl"],
  [/\bpython-httpx\/|\bPython\b/i, "Python"],
  [/^easel/i, "Easel"],
] as const;
const SYSTEMS = [
  [/\biPhone|\biPad/, "iOS"],
  [/\bAndroid/, "Android"],
  [/\bWindows/, "Windows"],
  [/\bMac OS X|\bMacintosh/, "macOS"],
  [/\bCrOS/, "ChromeOS"],
  [/\bLinux/, "Linux"],
] as const;

/** "Firefox, Linux": enough to recognise one's own devices by; null when it says nothing that we know. */
export function browserName(userAgent: string | null | undefined): string | null {
  const found = [BROWSERS, SYSTEMS].map((list) => list.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1]);
  return found.filter(Boolean).join(", ") || null;
}
