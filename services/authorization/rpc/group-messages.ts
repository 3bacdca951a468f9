import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { GroupSchema } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { etagOf } from "../domain/etag.ts";
import type { Group } from "../domain/group.ts";

export function toGroup(group: Group): MessageInitShape<typeof GroupSchema> {
  const { accountId, groupId, roleIds } = group;
  const common = { accountId, groupId, roleIds: [...roleIds] };
  if (!("version" in group)) return { ...common, displayName: "Everyone", everyone: true };
  return {
    ...common,
    displayName: group.displayName,
    description: group.description,
    memberCount: BigInt(group.memberCount),
    createTime: timestampFromDate(group.createdAt),
    updateTime: timestampFromDate(group.updatedAt),
    etag: etagOf(group),
  };
}
