import type { Checker, Verifier } from "@portcullis/sdk";
import { callerOf, requireCaller } from "@portcullis/sdk/express";
import express from "express";

export function createApp(verifier: Verifier, checker: Checker) {
  const app = express();
  app.get("/me", requireCaller({ verifier }), (request, response) => {
    response.send(callerOf(request).ownerId);
  });
  app.get(
    "/reports/today",
    requireCaller({ verifier, checker, permission: "reports.read" }),
    (_request, response) => {
      response.send("nothing happened");
    },
  );
  return app;
}
