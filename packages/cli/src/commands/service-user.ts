import { Command } from "commander";
import type { Runner } from "../runner.ts";
import { addServiceUserChanges } from "./service-user-change.ts";
import { addServiceUserReads } from "./service-user-read.ts";
import { addServiceUserVerbs } from "./service-user-verbs.ts";

/** `portcullis service-user …` */
export function serviceUserCommand(runner: Runner): Command {
  const command = new Command("service-user").description("service users: the programs of an account");
  addServiceUserChanges(command, runner);
  addServiceUserReads(command, runner);
  addServiceUserVerbs(command, runner);
  return command;
}
