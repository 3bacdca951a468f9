import { Command } from "commander";
import type { Runner } from "../runner.ts";
import { addCredentialChanges } from "./credential-change.ts";
import { addCredentialCreation } from "./credential-create.ts";
import { addCredentialReads } from "./credential-read.ts";

/** `portcullis credential …` */
export function credentialCommand(runner: Runner): Command {
  const command = new Command("credential").description("authtokens, API keys and SSH keys");
  addCredentialCreation(command, runner);
  addCredentialReads(command, runner);
  addCredentialChanges(command, runner);
  return command;
}
