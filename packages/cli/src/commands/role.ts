import {
  ListRolesResponseSchema,
  type Role,
  RoleAspectSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { Command } from "commander";
import type { Session } from "../call/session.ts";
import type { View } from "../output/view.ts";
import { word } from "../output/words.ts";
import type { Runner } from "../runner.ts";

/** `portcullis role …` */
export function roleCommand(runner: Runner): Command {
  const command = new Command("role").description("roles: named sets of permissions");
  command.command("list").description("list the roles that can be given").action(runner.withSession(list));
  return command;
}

async function list(session: Session): Promise<void> {
  const response = await session.read((call) => session.clients.roles.listRoles({}, call));
  session.printer.answer(ListRolesResponseSchema, response, ({ roles }) => rolesView(roles));
}

function rolesView(roles: readonly Role[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "NAME", cut: true },
      { title: "ASPECT" },
      { title: "PERMISSIONS", cut: true },
    ],
    rows: roles.map((role) => [
      role.roleId,
      role.displayName,
      word(RoleAspectSchema, role.aspect),
      role.permissionIds.join(", "),
    ]),
    empty: "No roles.",
  };
}
