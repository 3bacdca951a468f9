export type { Output } from "./output.ts";
export {
  type Exit,
  startTethered,
  type Tethered,
  type TetheredOptions,
  type TetherSignal,
} from "./tethered.ts";
