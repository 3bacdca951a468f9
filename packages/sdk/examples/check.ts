import { type Checker, createChecker, type Verifier } from "@portcullis/sdk";

export function connect(address: string, apiKey: string, verifier: Verifier): Checker {
  return createChecker({ addresses: [address], apiKey, verifier });
}

export async function mayEdit(checker: Checker, token: string, dashboardId: string): Promise<boolean> {
  const { allowed } = await checker.checkToken(token, {
    permission: "dashboards.write",
    object: { type: "dashboard", id: dashboardId, action: "modify" },
  });
  return allowed;
}
