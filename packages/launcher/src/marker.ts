import { LauncherError } from "./launcher-error.ts";

/** What makes a folder one of ours; without it nothing is deleted. */
interface Marker {
  /** The newest release that has used the folder. */
  readonly release: string;
}

const product = "portcullis data folder";

export function renderMarker(release: string): string {
  return `${JSON.stringify({ product, release })}\n`;
}

export function parseMarker(root: string, text: string): Marker {
  const release = releaseIn(text);
  if (release !== undefined) return { release };
  throw new LauncherError(
    `The file portcullis.json in ${root} is damaged or not ours. Restore it from a backup, delete the folder yourself, or name another folder with --data.`,
  );
}

function releaseIn(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    if (!("product" in parsed && parsed.product === product && "release" in parsed)) return undefined;
    return typeof parsed.release === "string" && /^\d+\.\d+\.\d+/.test(parsed.release)
      ? parsed.release
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the first release comes after the second, by its three numbers. */
export function isNewer(one: string, other: string): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const differing = a.findIndex((number, index) => number !== b[index]);
  return differing >= 0 && (a[differing] ?? 0) > (b[differing] ?? 0);
}

function numbersOf(release: string): readonly number[] {
  return release.split("-", 1).flatMap((core) => core.split(".").map(Number));
}
