/**
 * What is wrong is refused: in the dialect of the address, with the status that is documented, by the name of the
 * member that is wrong, and with nothing kept. The tables are made from the served OpenAPI document, so that no
 * member of any operation is forgotten; what only some operations can be told is in `bad-input/`.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Operation as About, operationsOf as aboutsOf, requestTo } from "./attack/operations.ts";
import { isPutDown } from "./attack/rights.ts";
import { buildSystem, type System, type Things } from "./attack/system.ts";
import { checkRefused, type Refused } from "./bad-input/check.ts";
import { wrongBodies } from "./bad-input/members.ts";
import { requiredQuery, wrongQueries } from "./bad-input/queries.ts";
import { tenMegabytes, wrongTextsFor } from "./bad-input/texts.ts";
import { engines } from "./engines.ts";
import { type Operation, operationsOf } from "./fuzz/document.ts";
import { makeSender } from "./fuzz/send.ts";
import { type Ask, first, startServer, type Told } from "./server.ts";
import { stateOf } from "./state.ts";

for (const engine of engines)
  describe(`wrong input on ${engine.name}`, () => {
    let system: System;
    let operations: (Operation & { about: About })[];
    before(async () => {
      system = await buildSystem(await startServer(await engine.open()));
      const { body } = await system.running.ask("GET", "/openapi.json");
      const abouts = new Map(aboutsOf(body).map((about) => [about.id, about]));
      operations = operationsOf(body)
        .map((one) => ({ ...one, about: abouts.get(one.id) as About }))
        .filter(({ about }) => isPutDown(about));
    });
    after(() => system.running.stop());

    /** Tries something out on every operation, after which nothing may have changed. */
    const onEach = async (
      which: (operation: Operation) => boolean,
      act: (operation: Operation & { about: About }, path: string, body: unknown) => Promise<void>,
    ) => {
      const tried = operations.filter(which);
      assert.ok(tried.length > 0);
      for (const operation of tried) {
        const { path, body } = requestTo(system, operation.about, "own", false);
        const before = await stateOf(system.running.store);
        await act(operation, path.split("?", 1)[0] ?? "", body);
        assert.deepEqual(await stateOf(system.running.store), before, operation.id);
      }
    };
    const refused = async (method: string, path: string, ask: Ask, wanted: Refused, label: string) =>
      checkRefused(path, await system.running.ask(method, path, ask), wanted, label);
    const hasBody = ({ body }: Operation) => body !== undefined;

    it("a body that is no right JSON", () =>
      onEach(hasBody, async ({ id, method, body }, path) => {
        for (const { what, text, contentType, ...wanted } of wrongTextsFor(body)) {
          const headers = { "content-type": contentType ?? "application/json" };
          await refused(method, path, { text, headers }, wanted, `${id} with ${what}`);
        }
      }));

    it("no body where one is needed, whatever content type says that there is one", () =>
      onEach(
        ({ bodyRequired }) => bodyRequired,
        async ({ id, method }, path) => {
          for (const contentType of [undefined, "application/json", "text/plain"]) {
            const headers = contentType ? { "content-type": contentType } : {};
            await refused(method, path, { headers }, { status: 400, pointer: "" }, id);
          }
        },
      ));

    it("ten megabytes", () =>
      onEach(
        // An import takes as many lines as there are.
        ({ method, name }) => method !== "GET" && name !== "transfer.import",
        async ({ id, method }, path) => {
          const sender = makeSender(system.running.url);
          const headers = { authorization: `Bearer ${first.apiToken}`, "content-type": "application/json" };
          const answer = await sender.send({ method, target: path, headers, body: tenMegabytes });
          sender.close();
          checkRefused(path, toldOf(answer), { status: 413 }, id);
        },
      ));

    it("any member of a body", () =>
      onEach(hasBody, async ({ id, method, body: schema }, path) => {
        for (const { what, body, pointer } of wrongBodies(schema ?? {}))
          await refused(method, path, { body }, { status: 400, pointer }, `${id}: ${what} ${pointer}`);
      }));

    it("any member of a query", () =>
      onEach(
        ({ query }) => query.length > 0,
        async (operation, path, body) => {
          const { id, method } = operation;
          for (const { what, query, pointer } of wrongQueries(operation))
            await refused(method, `${path}?${query}`, { body }, { status: 400, pointer }, `${id} ${what}`);
        },
      ));

    it("an identifier in the path that nothing has", () =>
      onEach(
        // Roles are three, the same in every account, and a token has no tokens of its own to look among; what is put
        // somewhere need not be there.
        ({ path, name }) =>
          /\{(?!account_id|role_id)\w+\}/.test(path) &&
          !path.includes("/user/tokens/") &&
          name !== "client-version.set",
        async ({ id, method, about }, path, body) => {
          const { own, foreign } = system.things[about.kind] as Things;
          const others = Object.values(system.things).filter((of) => of.own.kind !== about.kind);
          const ids = ["missing", first.accountId, foreign.id, ...others.map((of) => of.own.id)];
          const long = ["x".repeat(255), "x".repeat(1024), "x".repeat(2000), "%C3%A9".repeat(255)];
          const odd = [
            "%00",
            `${own.id}%00`,
            "%0A",
            "%20",
            "a%2Fb",
            "*",
            "__proto__",
            "%zz",
            "%ff",
            "%ED%A0%80",
          ];
          for (const segment of [...ids, ...long, ...odd])
            await refused(
              method,
              path.replace(own.id, segment),
              { body },
              { status: 404 },
              `${id} ${segment}`,
            );
        },
      ));

    it("an account in the path in which one has no place", () =>
      onEach(
        ({ path, name }) => path.includes("{account_id}") && name !== "api-token.verify",
        async ({ id, method }, path, body) => {
          const { accountId } = first;
          const others = [system.other.accountId, "missing", "%00", `${accountId}%00`, "x".repeat(255)];
          // An address that ends with nothing is the address of all accounts.
          const nothing = path.endsWith(accountId) ? [] : [""];
          for (const segment of [...others, ...nothing])
            await refused(
              method,
              path.replace(accountId, segment),
              { body },
              { status: 403 },
              `${id} ${segment}`,
            );
        },
      ));

    it("is not a page past the end, which is empty, nor on v4 one that is too large, which is cut", () =>
      onEach(
        ({ query, path }) =>
          query.some(({ name }) => ["page", "offset"].includes(name)) && !path.includes("/user/tokens"),
        async (operation, path) => {
          const { id, query } = operation;
          const ask = (more: string) =>
            system.running
              .ask("GET", `${path}?org_id=${first.orgId}&${more}${requiredQuery(operation, "org_id")}`)
              .then(({ body }) => body);
          if (query.some(({ name }) => name === "page")) {
            const { result_info: all } = await ask("");
            for (const page of [2, 1000, 9_007_199_254_740]) {
              const { result, result_info } = await ask(`page=${page}&per_page=50`);
              if (page > all.total_pages) assert.deepEqual([result, result_info.page, id], [[], page, id]);
              assert.equal(result_info.total_count, all.total_count, id);
            }
            const { per_page } = (await ask("per_page=99999999999999999999")).result_info;
            const { description = "" } = query.find(({ name }) => name === "per_page")?.schema ?? {};
            assert.equal(`At most ${per_page}: more is taken for ${per_page}.`, description, id);
            return;
          }
          const all = await ask("");
          for (const offset of ["1000", "9007199254740991", "9".repeat(30)]) {
            const { total, has_more, next_cursor, ...body } = await ask(`offset=${offset}`);
            assert.deepEqual(Object.values(body).find(Array.isArray), [], id);
            assert.deepEqual([has_more, next_cursor, total], [false, null, all.total], id);
          }
        },
      ));
  });

function toldOf({ status, headers, text }: Awaited<ReturnType<ReturnType<typeof makeSender>["send"]>>): Told {
  return { status, headers: new Headers(headers as Record<string, string>), body: JSON.parse(text) };
}
