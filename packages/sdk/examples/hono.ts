import type { Checker, Verifier } from "@portcullis/sdk";
import { type Caller, requireCaller } from "@portcullis/sdk/hono";
import { Hono } from "hono";

export function createApp(verifier: Verifier, checker: Checker) {
  const app = new Hono<{ Variables: { caller: Caller } }>();
  app.use("/me", requireCaller({ verifier }));
  app.use("/reports/*", requireCaller({ verifier, checker, permission: "reports.read" }));
  app.get("/me", (c) => c.text(c.get("caller").ownerId));
  app.get("/reports/today", (c) => c.text("nothing happened"));
  return app;
}
