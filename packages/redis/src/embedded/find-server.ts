import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

export type NativeKind = "redis-server" | "valkey-server";

export interface NativeServer {
  readonly kind: NativeKind;
  readonly command: string;
}

/** The first server on this PATH, Redis before Valkey. */
export async function findNativeServer(path: string): Promise<NativeServer | undefined> {
  for (const kind of ["redis-server", "valkey-server"] as const) {
    for (const folder of path.split(delimiter).filter((entry) => entry !== "")) {
      const command = join(folder, kind);
      if (await isExecutable(command)) return { kind, command };
    }
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
