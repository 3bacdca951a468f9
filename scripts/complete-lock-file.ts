// Adds to package-lock.json the optional packages of other platforms that the registry in use did not know
// when the lock file was written. npm leaves those out, and `npm ci` then refuses the file, here and on those
// platforms. Run after `npm install` changed the lock file: npm run lock:complete
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface LockFile {
  packages: Record<string, LockedPackage>;
}

/** Words in the names of platform packages, and npm's own words for them. */
const operatingSystems: Readonly<Record<string, string>> = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  openharmony: "openharmony",
  win32: "win32",
  windows: "win32",
};
const processors: Readonly<Record<string, string>> = {
  "64": "x64",
  aarch64: "arm64",
  arm: "arm",
  arm64: "arm64",
  armv7: "arm",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  x64: "x64",
};

const path = join(import.meta.dirname, "../package-lock.json");
const lock = JSON.parse(readFileSync(path, "utf8")) as LockFile;
const added: Record<string, object> = {};
for (const [location, locked] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(locked.optionalDependencies ?? {})) {
    const isThere = [`node_modules/${name}`, `${location}/node_modules/${name}`].some(
      (at) => at in lock.packages,
    );
    if (isThere) continue;
    if (!/^\d+\.\d+\.\d+/.test(range)) throw new Error(`${location} wants ${name} ${range}: not one version`);
    added[`node_modules/${name}`] = {
      version: range,
      cpu: wordsIn(name, processors),
      ...(locked.dev === true ? { dev: true } : {}),
      optional: true,
      os: wordsIn(name, operatingSystems),
      ...(name.includes("-musl") ? { libc: ["musl"] } : {}),
      ...(name.includes("-gnu") ? { libc: ["glibc"] } : {}),
    };
  }
}
const all = Object.entries({ ...lock.packages, ...added });
lock.packages = Object.fromEntries(all.toSorted(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${Object.keys(added).length} packages of other platforms added`);

function wordsIn(name: string, known: Readonly<Record<string, string>>): string[] {
  const words = (name.split("/")[1] ?? name).split("-");
  const found = words.map((word) => known[word]).filter((word) => word !== undefined);
  if (found.length === 0) throw new Error(`${name} does not tell its platform`);
  return [...new Set(found)];
}
