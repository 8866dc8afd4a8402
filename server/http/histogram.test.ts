import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Fastify from "fastify";
import { Histogram } from "./histogram.ts";
import { countRequests } from "./metrics.ts";

describe("a histogram", () => {
  it("adds up its buckets, and writes them as Prometheus reads them", () => {
    const histogram = new Histogram("took", "How long it took");
    const observe = histogram.series({ method: "GET", status: 200 });
    for (const seconds of [0.0005, 0.001, 0.002, 60]) observe(seconds);
    const lines = histogram.text().split("\n");
    assert.deepEqual(lines.slice(0, 4), [
      "# HELP took How long it took",
      "# TYPE took histogram",
      'took_bucket{le="0.001",method="GET",status="200"} 2',
      'took_bucket{le="0.0025",method="GET",status="200"} 3',
    ]);
    assert.deepEqual(lines.slice(-5), [
      'took_bucket{le="10",method="GET",status="200"} 3',
      'took_bucket{le="+Inf",method="GET",status="200"} 4',
      'took_sum{method="GET",status="200"} 60.0035',
      'took_count{method="GET",status="200"} 4',
      "",
    ]);
  });
});

describe("/metrics", () => {
  it("counts requests by verb, pattern of the route and status, and those that met none", async () => {
    const app = Fastify();
    countRequests(app);
    app.get("/things/:id", async () => "a thing");
    for (const id of ["a", "b"]) await app.inject(`/things/${id}`);
    await app.inject({ method: "HEAD", url: "/things/a" });
    await app.inject({ method: "DELETE", url: "/nowhere" });
    const { body, headers } = await app.inject("/metrics");
    assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
    const counts = body.split("\n").filter((line) => line.startsWith("http_request_duration_seconds_count"));
    assert.deepEqual(counts, [
      'http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 2',
      'http_request_duration_seconds_count{method="HEAD",route="/things/:id",status="200"} 1',
      'http_request_duration_seconds_count{method="DELETE",route="none",status="404"} 1',
    ]);
    assert.match(body, /^process_cpu_seconds_total \d/m);
    await app.close();
  });
});
