import { LauncherError } from "./launcher-error.ts";

/** Throws where Portcullis can't be started like this at all. */
export function requireSupportedSystem(platform: string): void {
  if (platform !== "win32") return;
  throw new LauncherError(
    "Portcullis doesn't start on Windows. Use Linux or macOS, or the Windows Subsystem for Linux.",
  );
}
