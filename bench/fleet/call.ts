import { type Answer, converse, request } from "../converse.ts";
import { account } from "../seed.ts";

/** Asks a server as the account's administrator; `ms` is how long the answer took. */
export type Call = (method: string, path: string, content?: object) => Promise<{ body: any; ms: number }>;

const asAdmin = { authorization: `Bearer ${account.token}` };

/**
 * Each request has a connection of its own, opened before its time begins: the server hangs up on one that was silent
 * for long. What is not answered with 200 or 201 is thrown.
 */
export function calling(port: number): Call {
  return async (method, path, content) => {
    const text = request(method, path, asAdmin, content);
    const connection = await converse(port);
    const started = performance.now();
    const answer = await connection.ask(text);
    connection.end();
    return { body: bodyOf(answer, `${method} ${path}`), ms: answer.at - started };
  };
}

function bodyOf({ status, text }: Answer, what: string): unknown {
  if (status !== 200 && status !== 201) throw new Error(`${what} was answered ${status}: ${text}`);
  return JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));
}
