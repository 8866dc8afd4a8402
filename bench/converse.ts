import { once } from "node:events";
import { connect } from "node:net";

/** An answer in brief, and when the last byte of it came, in milliseconds. */
export type Answer = { readonly status: number; readonly text: string; readonly at: number };

/** A connection that stays open and has one request in flight at most. */
export interface Converse {
  ask(request: string): Promise<Answer>;
  end(): void;
}

/** Opens a connection; what it is asked must be answered with a length. */
export async function converse(port: number): Promise<Converse> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let answered: ((answer: Answer) => void) | undefined;
  let refused: ((error: Error) => void) | undefined;
  let text = "";
  socket.on("data", (part) => {
    text += part.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head + 2)) ?? [];
    if (head < 0 || text.length < head + 4 + Number(length)) return;
    const answer = { status: Number(text.slice(9, 12)), text, at: performance.now() };
    text = "";
    answered?.(answer);
  });
  for (const event of ["error", "close"])
    socket.on(event, (error) => refused?.(error instanceof Error ? error : new Error("the server hung up")));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        [answered, refused] = [resolve, reject];
        socket.write(request);
      }),
    end: () => socket.destroy(),
  };
}

/** A request as it goes over the wire; what it says is of ASCII. */
export function request(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  content?: object,
): string {
  const body = content === undefined ? "" : JSON.stringify(content);
  const sent = {
    host: "127.0.0.1",
    accept: "application/json",
    ...headers,
    ...(body && { "content-type": "application/json", "content-length": String(body.length) }),
  };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, "", body].join("\r\n");
}
