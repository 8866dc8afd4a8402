import { firstAccount } from "./accounts/account/index.ts";
import { announcement } from "./announce.ts";
import { keepCredentials } from "./bootstrap.ts";
import { readConfig } from "./config.ts";
import { migrate } from "./db/migrate.ts";
import { openStore } from "./db/open.ts";
import { makeServer } from "./server.ts";

try {
  const config = readConfig(process.env);
  const store = await openStore(
    config.databaseUrl ? { url: config.databaseUrl } : { folder: config.dataFolder },
  );
  await migrate(store);
  const server = makeServer(store, config);
  const first = await server.bootstrap(config.bootstrap, (made) => keepCredentials(config.dataFolder, made));
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => server.close().then(() => process.exit(0), fail));
  const address = await server.app.listen({ host: config.host, port: config.port });
  const account = await store.read(firstAccount);
  if (account) console.log(announcement(address, config.dataFolder, account, first));
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
