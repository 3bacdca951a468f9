import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
  ListCatalogPermissionsResponseSchema,
  RegisterPermissionsRequestSchema,
  RegisterPermissionsResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { CliError } from "../errors.ts";
import { withExamples } from "../input/example.ts";
import { readNamedFile } from "../input/named-file.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { addPermissionGrants } from "./permission-grant.ts";

/** `portcullis permission …` */
export function permissionCommand(runner: Runner): Command {
  const command = new Command("permission").description(
    "permissions: which there are, and who was given which directly",
  );
  withExamples(command.command("list"), "portcullis permission list")
    .description("list every permission there is, built-in ones and those of backends")
    .action(runner.withSession(list));
  addPermissionGrants(command, runner);
  withExamples(
    withTakeAwayOptions(command.command("register")),
    "portcullis permission register permissions.json",
    "",
    'permissions.json: {"namespace": "shop", "version": 1,',
    '  "permissions": [{"permissionId": "shop.orders.read", "description": "See orders"}],',
    '  "objectTypes": [{"objectType": "shop.order", "modifyPermissionId": "shop.orders.read"}]}',
  )
    .description("make a backend's permissions and object types those of a file; for operators")
    .argument("<file>", "RegisterPermissionsRequest as JSON")
    .action(runner.withSession(register));
  return command;
}

async function list({ clients, printer, read }: Session): Promise<void> {
  const response = await read((call) => clients.catalog.listCatalogPermissions({}, call));
  printer.answer(ListCatalogPermissionsResponseSchema, response, ({ permissions }) => ({
    kind: "table",
    columns: [{ title: "ID" }, { title: "NAMESPACE" }, { title: "DESCRIPTION", cut: true }],
    rows: permissions.map(({ permissionId, namespace, retired, description }) => [
      permissionId,
      retired ? `${namespace} (retired)` : namespace,
      description,
    ]),
    empty: "No permissions.",
  }));
}

async function register(session: Session, path: string, options: TakeAwayOptions): Promise<void> {
  const { clients, printer } = session;
  const request = await readRequest(path);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.catalog.registerPermissions({ ...request, requestId }, call),
  );
  printer.answer(RegisterPermissionsResponseSchema, response, ({ version, receipt }) =>
    doneView(`The permissions of ${request.namespace} are those of version ${version}.`, receipt),
  );
}

async function readRequest(path: string) {
  const text = String(await readNamedFile("permissions file", path));
  try {
    const json: JsonValue = JSON.parse(text);
    return fromJson(RegisterPermissionsRequestSchema, json);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw CliError.usage(
      `${path} holds no permissions: ${why}.`,
      "Add --help to see what it must look like.",
    );
  }
}
