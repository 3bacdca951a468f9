// Old syntax and CommonJS on purpose: a Node too old for the rest must get as far as saying so.
"use strict";
if (process.features.typescript) {
  void import("./src/main.ts");
} else {
  process.stderr.write(
    "Portcullis needs Node 22.18 or newer, and this is " +
      process.version +
      ". Run `npm ci` with install scripts allowed, which brings its own, or install a newer Node.\n",
  );
  process.exitCode = 1;
}
