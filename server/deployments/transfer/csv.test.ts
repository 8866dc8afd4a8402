import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

for (const engine of engines)
  describe(`tables on ${engine.name}`, () => {
    let running: Running;
    before(async () => {
      running = await startServer(await engine.open(), { clock: steppingClock() });
    });
    after(() => running.stop());

    const bring = async (rows: readonly string[], query: Record<string, string> = {}, end = "\n") =>
      running.ask("POST", `/api/v1/import?${new URLSearchParams({ org_id: first.orgId, ...query })}`, {
        text: rows.join(end),
        headers: { "content-type": "text/csv; charset=utf-8" },
      });
    const device = async (name: string) => (await running.ask("GET", `/api/v1/devices/${name}`)).body;

    it("bring devices by the names of their columns", async () => {
      const told = await bring(
        [
          "\uFEFFdevice_identifier,platform,label:site,total_memory_mb,gpu_available,strange,user.email",
          'one,linux,"Z""ürich, ""CH""",2048,TRUE,x,u@example.com',
          "",
          "two,macos,,,false,y",
        ],
        {},
        "\r\n",
      );
      assert.deepEqual([told.body.counts.device.new, told.body.errors], [2, []]);
      const one = await device("one");
      assert.deepEqual(one.labels, { site: 'Z"ürich, "CH"' });
      assert.deepEqual(
        [one.total_memory_mb, one.gpu_available, one.user.email],
        [2048, true, "u@example.com"],
      );
      const two = await device("two");
      assert.deepEqual([two.labels, two.total_memory_mb], [{}, null]);
    });

    it("bring devices by a mapping of columns, and name bad rows by their line", async () => {
      const rows = [
        "Serial;no,Serial,Where,RAM",
        'a,"s-1",North,1024',
        'b,s-2,"South',
        'side",x',
        "c,,East,1",
        'd,"s"4,East,1',
        "e,s-5,West,5",
      ];
      const query = {
        "column[device_identifier]": "Serial",
        "column[label:site]": "Where",
        "column[total_memory_mb]": "RAM",
      };
      const dry = await bring(rows, { ...query, dry_run: "true" });
      const told = await bring(rows, query);
      assert.deepEqual(told.body.errors, dry.body.errors);
      assert.deepEqual(
        told.body.errors.map(({ line, field }: any) => `${line} ${field}`),
        ["3 labels/site", "5 device_identifier", "6 "],
      );
      assert.equal(told.body.counts.device.new, 2);
      assert.deepEqual((await device("s-5")).labels, { site: "West" });
      const later = await bring([...rows, "f,s-6,West,6"], { ...query, from_line: "8" });
      assert.deepEqual([later.body.lines, later.body.counts.device.new], [1, 1]);
    });

    it("take a quote as one that opens a cell only at its beginning", async () => {
      const told = await bring([
        "device_identifier,label:screen",
        'q1,5" screen',
        'q2,"5"" screen"',
        'q3,a"",b"',
      ]);
      assert.deepEqual([told.body.counts.device.new, told.body.errors], [3, []]);
      const labels = await Promise.all(["q1", "q2", "q3"].map(async (name) => (await device(name)).labels));
      assert.deepEqual(labels, [{ screen: '5" screen' }, { screen: '5" screen' }, { screen: 'a""' }]);
    });

    it("lose only the line where quotes are opened for good", async () => {
      const heading = "device_identifier,label:screen";
      const faults = ({ body }: { body: any }) => body.errors.map(({ line }: { line: number }) => line);
      const atEnd = await bring([heading, 'e1,"5 screen', "e2,x", "e3,y"]);
      assert.deepEqual([faults(atEnd), atEnd.body.counts.device.new, atEnd.body.next_line], [[2], 2, 5]);
      const followed = await bring([heading, 'f1,"5 screen', 'f2,"x"', "f3,y"]);
      assert.deepEqual([faults(followed), followed.body.counts.device.new], [[2], 2]);
      const many = Array.from({ length: 300 }, (_, index) => `g${index},x`);
      const tooMany = await bring([heading, 'g,"5 screen', ...many]);
      assert.deepEqual([faults(tooMany), tooMany.body.counts.device.new], [[2], 300]);
      const long = Array.from({ length: 90 }, (_, index) => `${"x".repeat(1000)},h${index}`);
      const tooLong = await bring(["label:l,device_identifier", '"open,h', ...long]);
      assert.deepEqual(faults(tooLong)[0], 2);
      assert.equal(tooLong.body.lines, 91);
      const jobs = async () =>
        (await running.ask("GET", `/api/v1/import?org_id=${first.orgId}`)).body.imports.length;
      const had = await jobs();
      const open = await bring(['device_identifier,"label', "i1,x"]);
      assert.deepEqual([open.status, open.body.error], [400, "bad_request"]);
      assert.equal(await jobs(), had);
    });

    it("refuse a member that could reach a prototype", async () => {
      const sent: [string[], Record<string, string>][] = [
        [["device_identifier,label:__proto__", "p1,x"], {}],
        [["device_identifier,metadata:__proto__", "p1,x"], {}],
        [["device_identifier,L", "p1,x"], { "column[label:__proto__]": "L" }],
      ];
      for (const [rows, query] of sent) {
        const { status, body } = await bring(rows, query);
        assert.deepEqual([status, body.details.pointer], [400, "/column"]);
      }
    });

    it("bring memberships, of the groups in a column or of one group", async () => {
      const made = await running.ask("POST", "/api/v1/device-groups", {
        body: { org_id: first.orgId, name: "G" },
      });
      const { id } = await device("one");
      const named = await bring(["Device,Group", `${id},g`, "two,none"], {
        ...{ kind: "membership", "column[device]": "Device", "column[group]": "Group" },
      });
      assert.deepEqual([named.body.counts.membership.new, named.body.errors[0].line], [1, 3]);
      const fixed = await bring(["device", "one", "two"], { kind: "membership", group: made.body.id });
      const { new: added, unchanged } = fixed.body.counts.membership;
      assert.deepEqual([added, unchanged], [1, 1]);
      const { body } = await running.ask("GET", `/api/v1/device-groups/${made.body.id}`);
      assert.equal(body.device_count, 2);
    });

    it("are refused as a whole where a column is asked for that there is not", async () => {
      for (const query of [
        { "column[colour]": "A" },
        { "column[device_identifier]": "B" },
        { kind: "membership", "column[platform]": "A" },
      ]) {
        const { status, body } = await bring(["A", "x"], query as unknown as Record<string, string>);
        assert.deepEqual([status, body.details.pointer], [400, "/column"]);
      }
    });
  });
