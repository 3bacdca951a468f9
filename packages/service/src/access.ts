import { type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { type Access, access } from "@portcullis/contracts/portcullis/common/v1/access_pb.ts";

const cache = new WeakMap<DescMethod, Access>();

/** Who may call a method, as its proto file says. */
export function accessOf(method: DescMethod): Access {
  let found = cache.get(method);
  if (found === undefined) {
    found = getOption(method, access);
    cache.set(method, found);
  }
  return found;
}

/** Throws unless each method of the services says who may call it: silence must not mean "anybody". */
export function requireAccessDeclared(services: readonly DescService[]): void {
  for (const service of services) {
    for (const method of service.methods) {
      const rule = accessOf(method);
      if (rule.permission === "" && rule.workloads.length === 0 && !rule.anyone && !rule.self) {
        throw new Error(`${service.typeName}/${method.name} does not say who may call it`);
      }
    }
  }
}
