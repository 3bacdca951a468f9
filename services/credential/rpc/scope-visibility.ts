import { visibleWithin } from "@portcullis/service";

/** Of sign-ins, persons and locators it is known to nobody else what they are of. */
export const isScopeVisible = visibleWithin(new Set(["account", "principal", "credential"]));
