/** The ceiling: `node:http` and nothing else, answering bytes that it was told once. */
import { createServer, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** What to answer, whatever is asked. */
export type Told = { readonly headers: OutgoingHttpHeaders; readonly body: string };

let told: Told = { headers: {}, body: "" };

process.on("message", (message: Told | "cpu") => {
  if (message === "cpu") return;
  told = message;
  if (server.listening) process.send?.((server.address() as AddressInfo).port);
  else server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
});

const server = createServer((_request, response) => {
  response.writeHead(200, told.headers);
  response.end(told.body);
});
