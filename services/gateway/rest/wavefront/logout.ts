import { notFound } from "./errors.ts";
import { pathPart } from "./fields.ts";
import { requirePerson } from "./find-accounts.ts";
import type { Operation } from "./operation.ts";

/** `/api/logout`, which stands outside of `/api/v2`. */
export const logoutOperations: readonly Operation[] = [
  {
    id: "logoutUser",
    summary: "End all sessions of a user, in every account; tokens go on. For super administrators",
    method: "POST",
    path: "/api/logout/{id}",
    packing: "empty",
    async run(call, request) {
      const person = await requirePerson(call, pathPart(request, "id"));
      // Who was only invited has never been here.
      if (person.is !== "member") throw notFound("user");
      const { userId } = person.membership;
      await call.clients.sessions.endUserSessions({ userId }, call.options);
    },
  },
];
