import { timestampFromDate } from "@bufbuild/protobuf/wkt";

/** When everything in the fake services was created. */
export const createTime = timestampFromDate(new Date("2026-01-02T03:04:05.678Z"));
