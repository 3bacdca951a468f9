import { once } from "node:events";
import net from "node:net";

/** Sends the beginning of a POST over HTTP/2 and then nothing but that it is reset, which no client of Node's does. */
export async function resetInBody(
  port: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  code: number,
): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  /** Ends when the server has read all. */
  const send = async (...frames: Buffer[]) => {
    socket.write(Buffer.concat([...frames, frame(type.ping, 0, 0, Buffer.alloc(8))]));
    const answer = frame(type.ping, ack, 0, Buffer.alloc(8));
    for (let read = Buffer.alloc(0); !read.includes(answer); ) {
      const [chunk]: Buffer[] = await once(socket, "data");
      read = Buffer.concat([read, chunk ?? Buffer.alloc(0)]);
    }
  };
  const all = { ":method": "POST", ":scheme": "http", ":authority": "localhost", ...headers };
  await send(
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame(type.settings, 0, 0, Buffer.alloc(0)),
    frame(type.headers, endHeaders, 1, Buffer.concat(Object.entries(all).map(literal))),
    frame(type.data, 0, 1, body),
  );
  const reset = Buffer.alloc(4);
  reset.writeUInt32BE(code);
  await send(frame(type.rstStream, 0, 1, reset));
  socket.destroy();
}

const type = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6 } as const;
const ack = 1;
const endHeaders = 4;

function frame(kind: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = kind;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header as HPACK has those that it does not know; of up to 126 bytes. */
function literal([name, value]: [name: string, value: string]): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}
