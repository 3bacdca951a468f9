import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ActionSchema } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { type Command, Option } from "commander";
import { type HostPort, parseHostPort } from "./host-port.ts";
import { addLabel, type Labels } from "./label.ts";

/** What a credential is to be used for: at most one of them. */
export interface ActionOptions {
  readonly host?: string;
  readonly hostPort?: HostPort;
  readonly label?: Labels;
  readonly randomTcpPort?: true;
}

/** Adds the options. */
export function withActionOptions(command: Command): Command {
  return command
    .option("--host <name>", "for binding a host name, or a wildcard such as *.example.com")
    .addOption(
      new Option("--host-port <host:port>", "for binding a TCP address")
        .argParser(parseHostPort)
        .conflicts("host"),
    )
    .addOption(
      new Option("--label <key=value>", "for a labelled endpoint; may be given several times")
        .argParser(addLabel)
        .conflicts(["host", "hostPort"]),
    )
    .addOption(
      new Option("--random-tcp-port", "for binding any TCP port that is free").conflicts([
        "host",
        "hostPort",
        "label",
      ]),
    );
}

/** The `action` of a request; without one where none of the options is given. */
export function actionOf(options: ActionOptions): { action?: MessageInitShape<typeof ActionSchema> } {
  const { host, hostPort, label, randomTcpPort } = options;
  if (host !== undefined) return { action: { bind: { case: "host", value: host } } };
  if (hostPort !== undefined) return { action: { bind: { case: "hostPort", value: hostPort } } };
  if (label !== undefined) {
    return { action: { bind: { case: "labels", value: { labels: Object.fromEntries(label) } } } };
  }
  if (randomTcpPort) return { action: { bind: { case: "randomTcpPort", value: true } } };
  return {};
}
