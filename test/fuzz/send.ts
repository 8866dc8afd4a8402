import { Agent, request } from "node:http";

/** What came back: the body as text, for what is wrong with it is for the judge to say. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

/** What is sent, byte for byte; `fetch` would tidy up paths. */
export type Sent = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
};

/** An answer that takes longer than this, in ms, counts as none. */
const patience = 10_000;

/** Sends requests over connections that are kept; `close` lets go of them. */
export function makeSender(url: string) {
  const { hostname: host, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    send: ({ method, target, headers, body }: Sent) =>
      new Promise<Answer>((resolve, reject) => {
        const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
        const options = { agent, host, port, method, path: target, headers: { ...length, ...headers } };
        const sent = request(options, (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part) => parts.push(part));
          answer.once("error", reject);
          answer.once("end", () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: Buffer.concat(parts).toString("utf8"),
            }),
          );
        });
        sent.once("error", reject);
        sent.setTimeout(patience, () => sent.destroy(new Error(`no answer within ${patience} ms`)));
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
