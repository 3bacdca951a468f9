import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What a server has said on a connection until it closed it, or until `isWhole`. */
export async function exchangeRaw(
  port: number,
  parts: readonly (string | Buffer)[],
  isWhole: (text: string) => boolean = () => false,
): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (isWhole(text)) socket.destroy();
  });
  for (const part of parts) socket.write(part);
  await once(socket, "close");
  return text;
}

/** The parts of the first answer in a text. */
export function parseAnswer(text: string): { status: number; head: string; body: Record<string, unknown> } {
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end);
  const body = text.slice(end + 4).split("\r\nHTTP/1.1")[0] ?? "";
  const json = body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1);
  return { status: Number(head.split(" ")[1]), head, body: JSON.parse(json === "" ? "{}" : json) };
}
